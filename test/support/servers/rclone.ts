import { join } from 'node:path';
import { findProgram } from '../process/installed.js';
import type { MountNamespace } from '../process/mount-namespace.js';
import { serverAccount } from './server-account.js';
import { type ServerProcess, startServerProcess } from './server-process.js';

const program = findProgram('rclone');

/**
 * How long rclone may answer from its memory of a directory. Without any it reads
 * all ancestors of a path again at every request, which takes this tree thirty seconds.
 */
export const RCLONE_MEMORY_MS = 200;

/** What rclone lacks to run here, or null. */
export const rcloneMissing: string | null = program === null ? 'rclone (Debian: rclone)' : null;

export interface RcloneOptions {
  readonly directory: string;
  /** Finds a path in whatever case it is asked for, as a share of Windows or macOS does. */
  readonly ignoresCase?: boolean;
  /** Where disks come and go for this server alone. */
  readonly mounts?: MountNamespace;
}

/** Serves a directory by `rclone serve webdav` at the root of the answered URL. */
export async function startRclone({ directory, ignoresCase, mounts }: RcloneOptions): Promise<ServerProcess> {
  if (program === null) throw new Error(`This machine lacks ${rcloneMissing}`);
  return startServerProcess(
    ({ port, scratch }) => ({
      program,
      args: [
        ...['serve', 'webdav', directory, '--addr', `127.0.0.1:${port}`, '--read-only'],
        ...['--config', join(scratch, 'rclone.conf'), '--cache-dir', join(scratch, 'cache')],
        ...['--dir-cache-time', `${RCLONE_MEMORY_MS}ms`, '--poll-interval', '0'],
        ...(ignoresCase ? ['--vfs-case-insensitive'] : []),
        '--quiet',
      ],
      account: serverAccount,
    }),
    { mounts },
  );
}
