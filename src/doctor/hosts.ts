import {
  FIRST_PROBES,
  type HostSign,
  isGivenUp,
  isToBeSpared,
  noteSign,
  UNASKED,
} from '../domain/hosts/host-record.js';
import type { ConnectionSettings, Credentials } from '../domain/model/space.js';

/** A URL to ask, and how to reach it. */
export interface HostedPlace {
  readonly url: string;
  readonly auth: Credentials;
  readonly connection?: ConnectionSettings;
}

/** Places of one origin that are reached in the same way: trouble with the host affects all of them. */
export interface Host<Place> {
  readonly origin: string;
  readonly places: readonly Place[];
}

export interface AskHosts<Place, Answer> {
  /** Concurrent requests for one host. */
  readonly atOnce: number;
  ask(place: Place, host: Host<Place>): Promise<{ readonly sign: HostSign; readonly answer: Answer }>;
  /** Whether the place's credentials are known to be accepted. */
  isProven(place: Place): boolean;
  /** Called with each answer as it comes. */
  tell(answer: Answer): void;
  /** Called for a host that is out of order: `unasked` of its places were not asked, or all of them if it never answered. */
  giveUp(host: Host<Place>, unasked: number, last: Answer): void;
  /** Called for a host that refused some credentials: `unasked` of its places were not tried. */
  spare(host: Host<Place>, unasked: number): void;
  /** Called when all places of a host are done. */
  end?(host: Host<Place>): void | Promise<void>;
  readonly signal: AbortSignal;
}

/** Hosts are asked concurrently up to this number; only beyond it can one that hangs delay others. */
const HOSTS_AT_ONCE = 16;

/**
 * Asks each place of each host. A host that is out of order costs two requests, however many spaces it has, and is
 * reported once. Rejects with the reason of an abort.
 */
export async function askHosts<Place extends HostedPlace, Answer>(
  places: readonly Place[],
  options: AskHosts<Place, Answer>,
): Promise<void> {
  const waiting = [...hostsOf(places)];
  await atOnce(HOSTS_AT_ONCE, async () => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) await askHost(host, options);
  });
  options.signal.throwIfAborted();
}

/** Groups places by host, in the order of their first places. */
export function hostsOf<Place extends HostedPlace>(places: readonly Place[]): readonly Host<Place>[] {
  const hosts = new Map<string, { origin: string; places: Place[] }>();
  // Thousands of spaces share the same settings, which may hold a bundle of certificates.
  const reaches = new Map<ConnectionSettings | undefined, string>([[undefined, '']]);
  for (const place of places) {
    const reach = reaches.get(place.connection) ?? JSON.stringify(place.connection);
    reaches.set(place.connection, reach);
    const { origin } = new URL(place.url);
    const key = `${origin} ${reach}`;
    const host = hosts.get(key) ?? { origin, places: [] };
    host.places.push(place);
    hosts.set(key, host);
  }
  return [...hosts.values()];
}

async function askHost<Place extends HostedPlace, Answer>(
  host: Host<Place>,
  { ask, tell, isProven, giveUp, spare, end, signal, atOnce: limit }: AskHosts<Place, Answer>,
): Promise<void> {
  const waiting = [...host.places];
  const proven = new Set<string>();
  let record = UNASKED;
  let spared = 0;
  let last: Answer | undefined;

  const askNext = async (hear: (answer: Answer) => void) => {
    const place = waiting.shift();
    if (place === undefined || signal.aborted) return;
    const key = JSON.stringify(place.auth);
    if (isToBeSpared(record, place.auth.type === 'none' || proven.has(key) || isProven(place))) {
      spared++;
      return;
    }
    const { sign, answer } = await ask(place, host);
    record = noteSign(record, sign);
    if (sign === 'answered') proven.add(key);
    last = answer;
    hear(answer);
  };

  const first: Answer[] = [];
  await Promise.all(Array.from({ length: FIRST_PROBES }, () => askNext((answer) => first.push(answer))));
  // If a host has never answered, only its silence is reported.
  const isSilent = isGivenUp(record);
  if (!isSilent) for (const answer of first) tell(answer);
  await atOnce(limit, async () => {
    while (waiting.length > 0 && !signal.aborted && !isGivenUp(record)) await askNext(tell);
  });
  if (signal.aborted) return;
  if (isGivenUp(record) && last !== undefined) giveUp(host, isSilent ? host.places.length : waiting.length, last);
  if (spared > 0) spare(host, spared);
  await end?.(host);
}

async function atOnce(count: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, work));
}
