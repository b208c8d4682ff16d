import { execFile } from 'node:child_process';
import { chmod, chown } from 'node:fs/promises';
import { promisify } from 'node:util';
import { OvadexError } from '../../domain/model/errors.js';

/** Says who may connect to a unix socket. */
export interface SocketRights {
  /** File mode. Default: read and write for the owner and the group. */
  readonly mode?: number;
  /** A group name or number. Default: the group of this process. */
  readonly group?: string;
}

/** Read and write for the owner and the group, which can be a proxy's; other accounts are kept out. */
const SOCKET_MODE = 0o660;
/** Longest wait for a directory service: one that hangs must not block the start for ever. */
const LOOKED_UP_WITHIN_MS = 10_000;

/** Runs `bind` so that only root can connect to the socket file that it creates, until rights are given. */
export function closedToAll<Answer>(bind: () => Answer): Answer {
  // The mask is that of all threads: a file that another one creates meanwhile is closed as well. The call takes
  // microseconds.
  const before = process.umask(0o777);
  try {
    return bind();
  } finally {
    process.umask(before);
  }
}

/** Opens a socket file to those meant to connect: first the group, then the mode. Throws OvadexError `config`. */
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

/** Returns the id of a group that the system knows, including those of a directory service. */
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
