import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import { hasEnded } from '../servers/server-process.js';
import { findProgram } from './installed.js';

/** A real systemd, with this machine's programs and, unless it is apart, network, and a root of its own. */
export interface BootedSystemd {
  /** Its root, as seen from here. */
  readonly root: string;
  /** Runs a command there as root; rejects where that fails. */
  run(program: string, ...args: readonly string[]): Promise<string>;
  /** The same, for a command that may fail: answers its exit code. */
  exitCode(program: string, ...args: readonly string[]): Promise<number>;
  /** A property of the unit. */
  show(unit: string, property: string): Promise<string>;
  stop(): Promise<void>;
}

const BOOT = fileURLToPath(new URL('./boot-systemd.sh', import.meta.url));
const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
/** It takes two seconds; a busy machine takes longer. */
const BOOTED_WITHIN = { timeout: 60_000, interval: 100 };
const COMMAND_WITHIN_MS = 90_000;

/** Why none can be booted here, or null. */
export function whyNoSystemd(): string | null {
  const missing = ['unshare', 'nsenter', 'pivot_root', 'systemctl'].filter((name) => findProgram(name) === null);
  if (missing.length > 0) return `${missing.join(', ')} (Debian: systemd, util-linux)`;
  if (!existsSync('/usr/lib/systemd/systemd')) return 'systemd (Debian: systemd)';
  if (process.getuid?.() !== 0) return 'root, to boot a systemd';
  if (groupRoot() === null) return 'a mount of cgroup2';
  return process.execPath.startsWith('/usr/') ? null : 'node below /usr';
}

function groupRoot(): string | null {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  return mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2')?.[1] ?? null;
}

/** `isApart`: with a network of its own, and packages can be installed there. */
export async function bootSystemd({ isApart = false } = {}): Promise<BootedSystemd> {
  const root = mkdtempSync(join(tmpdir(), 'ovadex-boot-'));
  chmodSync(root, 0o755); // the services' accounts go through it
  const group = join(groupRoot() ?? '', `ovadex-test-${process.pid}`);
  const child = spawn('sh', [BOOT, root, group, PROJECT, ...(isApart ? ['apart'] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4_000); // what an error quotes
    });
  }
  let inner: string | null = null;
  const enter = (program: string, args: readonly string[]) =>
    promisify(execFile)('nsenter', ['--target', inner ?? '', '--all', '--root', '--wd', program, ...args], {
      timeout: COMMAND_WITHIN_MS,
      env: { PATH: '/usr/sbin:/usr/bin' },
    });
  const stop = async () => {
    process.off('exit', endWithUs);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (!hasEnded(child)) {
      child.kill('SIGKILL'); // unshare ends with it the first process there, and the kernel all others
      await ended;
    }
    await removeGroups(group);
    rmSync(root, { recursive: true, force: true });
  };
  try {
    await vi.waitUntil(async () => {
      if (hasEnded(child)) throw new Error(`systemd ended: ${log}`);
      inner ??= firstChild(child);
      if (inner === null) return false;
      const state = await enter('systemctl', ['is-active', 'test.target']).catch(() => null); // not there yet
      return state?.stdout.trim() === 'active';
    }, BOOTED_WITHIN);
  } catch (error) {
    await stop();
    throw new Error(`no systemd came up: ${log}`, { cause: error });
  }
  return {
    root,
    run: async (program, ...args) => (await enter(program, args)).stdout,
    exitCode: (program, ...args) =>
      enter(program, args).then(
        () => 0,
        (error: { code: number }) => error.code,
      ),
    show: async (unit, property) =>
      (await enter('systemctl', ['show', '--value', `--property=${property}`, unit])).stdout.trim(),
    stop,
  };
}

/** `unshare` stays outside; the process that it forks is the first one inside. */
function firstChild({ pid }: ChildProcess): string | null {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return /^\d+$/.test(children) && readFileSync(`/proc/${children}/comm`, 'utf8').trim() === 'systemd'
    ? children
    : null;
}

/** Empty by now, or in a moment; a group goes after those below it. */
async function removeGroups(group: string): Promise<void> {
  if (!existsSync(group)) return;
  const { stdout } = await promisify(execFile)('find', [group, '-depth', '-type', 'd']);
  for (const directory of stdout.trim().split('\n')) {
    await vi.waitFor(() => rmdir(directory), BOOTED_WITHIN);
  }
}
