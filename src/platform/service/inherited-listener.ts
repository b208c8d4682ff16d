import { OvadexError } from '../../domain/model/errors.js';
import type { Environment } from './notify.js';

/** The first descriptor that a service manager passes on (SD_LISTEN_FDS_START of sd_listen_fds(3)). */
const FIRST = 3;

/**
 * The listening socket that the service manager opened for this process (sd_listen_fds(3)), or null if there is none.
 * Throws OvadexError `config` if there are several, since only one is served.
 */
export function inheritedListener(environment: Environment, pid: number): number | null {
  const { LISTEN_FDS: count, LISTEN_PID: owner } = environment;
  // Variables meant for a parent are sometimes passed on by mistake, hence the process id.
  if (count === undefined || owner !== String(pid) || !/^\d{1,9}$/.test(count) || Number(count) === 0) return null;
  if (Number(count) === 1) return FIRST;
  throw new OvadexError(
    'config',
    `the service manager passes ${count} sockets (${environment['LISTEN_FDNAMES'] ?? 'without names'}); exactly one is served, so its socket unit must have a single ListenStream=`,
  );
}
