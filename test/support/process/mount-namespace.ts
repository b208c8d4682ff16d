import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChild, type ServerCommand } from '../servers/server-process.js';
import { findProgram } from './installed.js';

/** What this machine lacks for disks that come and go, or null. */
export const mountsMissing: string | null =
  process.getuid?.() === 0 && ['unshare', 'nsenter', 'setpriv'].every((name) => findProgram(name) !== null)
    ? null
    : 'root and util-linux, for mounts of its own';

/** Mounts that only those see who are inside; they end with it, and nobody else's are touched. */
export interface MountNamespace {
  /** A file's path for whoever stands outside. */
  path(inside: string): string;
  /** A command that runs inside. */
  inside(command: ServerCommand): ServerCommand;
  /** A new, empty disk that is mounted nowhere yet. */
  createDisk(): Disk;
  stop(): Promise<void>;
}

/** A real file system of its own, whose content stays while it is mounted nowhere. */
export interface Disk {
  mount(directory: string): void;
  unmount(directory: string): void;
}

/** Room for some thousand small files. */
const DISK_SIZE = '16m';

export async function startMountNamespace(): Promise<MountNamespace> {
  const place = mkdtempSync(join(tmpdir(), 'ovadex-mounts-'));
  // It only keeps the namespace, and says when there is one.
  const holder = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', 'echo inside; exec sleep infinity'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const endWithUs = () => holder.kill('SIGKILL');
  process.once('exit', endWithUs);
  await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
  if (holder.exitCode !== null) throw new Error('there is no mount namespace to be had; the reason stands above');
  const pid = `${holder.pid}`;
  const enter = ['--target', pid, '--mount', '--'];
  const run = (...command: readonly string[]) => {
    execFileSync('nsenter', [...enter, ...command], { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  let disks = 0;
  return {
    path: (inside) => `/proc/${pid}/root${inside}`,
    inside({ program, args, account, ...rest }) {
      const as = account ? ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--'] : [];
      return { ...rest, program: 'nsenter', args: [...enter, ...as, program, ...args] };
    },
    createDisk() {
      const store = join(place, `${disks++}`);
      mkdirSync(store);
      run('mount', '-t', 'tmpfs', '-o', `size=${DISK_SIZE},mode=755`, 'tmpfs', store);
      return {
        mount: (directory) => run('mount', '--bind', store, directory),
        // A server may just be reading there.
        unmount: (directory) => run('umount', '--lazy', directory),
      };
    },
    async stop() {
      process.off('exit', endWithUs);
      await endChild(holder);
      rmSync(place, { recursive: true, force: true });
    },
  };
}
