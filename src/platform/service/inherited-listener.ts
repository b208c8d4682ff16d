import { OvadexError } from '../../domain/model/errors.js';
import type { Environment } from './notify.js';

/** The first descriptor that a service manager passes on (SD_LISTEN_FDS_START of sd_listen_fds(3)). */
const FIRST = 3;

/**
 * The listening socket that the service manager opened for this process (sd_listen_fds(3)), or null where there is none.
 * Throws OvadexError `config` where there are several: one is all that is served.
 */
export function inheritedListener(environment: Environment, pid: number): number | null {
  const { LISTEN_FDS: count, LISTEN_PID: owner } = environment;
  // Variables that were meant for a parent are passed on by mistake now and then: that is what the id is for.
  if (count === undefined || owner !== String(pid) || !/^\d{1,9}$/.test(count) || Number(count) === 0) return null;
  if (Number(count) === 1) return FIRST;
  throw new OvadexError(
    'config',
    `the service manager passes ${count} sockets (${environment['LISTEN_FDNAMES'] ?? 'without names'}); exactly one is served, so its socket unit must have a single ListenStream=`,
  );
}
