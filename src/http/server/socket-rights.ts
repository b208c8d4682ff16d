import { execFile } from 'node:child_process';
import { chmod, chown } from 'node:fs/promises';
import { promisify } from 'node:util';
import { OvadexError } from '../../domain/model/errors.js';

/** Who may connect to a unix socket. */
export interface SocketRights {
  /** Default: owner and group. */
  readonly mode?: number;
  /** A name or a number. Default: the group of this process. */
  readonly group?: string;
}

/** The owner and the group, which can be a proxy's: other accounts stay outside. */
const SOCKET_MODE = 0o660;
/** A directory service that hangs is no reason to wait for ever. */
const LOOKED_UP_WITHIN_MS = 10_000;

/** Runs `bind` so that nobody but root can connect to the socket file that it makes, until rights are given. */
export function closedToAll<Answer>(bind: () => Answer): Answer {
  // It counts for all threads; a file that another one makes meanwhile is closed too, and the call takes microseconds.
  const before = process.umask(0o777);
  try {
    return bind();
  } finally {
    process.umask(before);
  }
}

/** Opens a socket file to those whom it is meant for: first the group, then the mode. Throws OvadexError `config`. */
export async function giveRights(path: string, { mode = SOCKET_MODE, group }: SocketRights): Promise<void> {
  if (group !== undefined) {
    const gid = await groupId(group);
    try {
      await chown(path, -1, gid);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      const remedy =
        error.code === 'EPERM' || error.code === 'EINVAL'
          ? `; only a member can give it away: add the user of this process to the group, or let ovadex.socket listen (SocketGroup=${group})`
          : '';
      throw new OvadexError(
        'config',
        `server.socketGroup: unix:${path} can't be given to "${group}": ${error.message}${remedy}`,
        { cause: error },
      );
    }
  }
  await chmod(path, mode);
}

/** As the system knows groups, those of a directory service included. */
async function groupId(group: string): Promise<number> {
  if (/^\d+$/.test(group)) return Number(group);
  try {
    const { stdout } = await promisify(execFile)('getent', ['group', group], { timeout: LOOKED_UP_WITHIN_MS });
    const gid = stdout.split(':')[2];
    if (gid !== undefined) return Number(gid);
  } catch (error) {
    const isUnknown = error instanceof Error && 'code' in error && error.code === 2; // getent(1): not found
    if (!isUnknown) {
      throw new OvadexError('config', `server.socketGroup: "${group}" can't be looked up: ${String(error)}`, {
        cause: error,
      });
    }
  }
  throw new OvadexError('config', `server.socketGroup: this machine has no group "${group}"; getent group lists all`);
}
