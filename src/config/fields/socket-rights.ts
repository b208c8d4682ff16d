import * as z from 'zod';
import { text } from './fields.js';

/** Permissions in the form of chmod(1), in quotes: to YAML 0660 is six hundred and sixty. */
export function socketMode() {
  const error = 'must be permissions in quotes: "0600" (owner), "0660" (owner and group) or "0666" (everybody)';
  return z
    .string({ error })
    .regex(/^0?[67][0-7]{2}$/, { error })
    .transform((value) => Number.parseInt(value, 8));
}

/** The name of a group, or its number in quotes. */
export function socketGroup() {
  return text('the name of a group').regex(/^[\p{L}\p{N}_][\p{L}\p{N}_.@\\ -]*\$?$/u, {
    error: 'must be the name of a group',
  });
}

interface Address {
  readonly kind: 'tcp' | 'unix';
}

interface ServerSection<Listen extends Address> {
  readonly listen: Listen;
  readonly metricsListen: Listen | null;
  readonly socketMode?: number | undefined;
  readonly socketGroup?: string | undefined;
}

/** Whether there is a socket for the permissions: without one they would give a false sense of security. */
export function hasSocketForRights({
  listen,
  metricsListen,
  socketMode,
  socketGroup,
}: ServerSection<Address>): boolean {
  const isGiven = socketMode !== undefined || socketGroup !== undefined;
  return !isGiven || listen.kind === 'unix' || metricsListen?.kind === 'unix';
}

/** Copies the section's permissions to each of its unix sockets. */
export function withSocketRights<Listen extends Address, Section extends ServerSection<Listen>>(section: Section) {
  const { socketMode: mode, socketGroup: group, listen, metricsListen, ...rest } = section;
  const rights = { ...(mode === undefined ? {} : { mode }), ...(group === undefined ? {} : { group }) };
  const at = <Each extends Address | null>(address: Each): Each =>
    address?.kind === 'unix' ? { ...address, ...rights } : address;
  return { ...rest, listen: at(listen), metricsListen: at(metricsListen) };
}
