import { execFile } from 'node:child_process';
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { OvadexError } from '../domain/model/errors.js';
import { type Child, startChild } from './child.js';
import type { PostgresPrograms } from './postgres-programs.js';

/** A PostgreSQL of the demo's own. */
export interface DemoDatabase {
  /** Without the password. */
  readonly url: string;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

export interface DemoDatabaseOptions {
  readonly programs: PostgresPrograms;
  readonly port: number;
  readonly password: string;
  readonly signal: AbortSignal;
}

/** Whom the server runs as, if not as whoever starts the demo. */
interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const USER = 'ovadex';
const READY_WITHIN_MS = 30_000;
const ASKED_EVERY_MS = 50;
/** Of the file in which a server notes what it is. */
const STATUS_LINE = 7;
/** PostgreSQL refuses to run as root. The first of these that there is has its files. */
const ACCOUNTS = ['postgres', 'nobody'];

const run = promisify(execFile);

/**
 * Makes a cluster in a new temporary directory and starts a server for it on 127.0.0.1, for one user with this password;
 * run as root, it is another user's. Throws OvadexError `usage` if it doesn't start, and an AbortError if aborted before;
 * then nothing is left behind.
 */
export async function startDemoDatabase(options: DemoDatabaseOptions): Promise<DemoDatabase> {
  const { programs, port, password, signal } = options;
  const account = process.getuid?.() === 0 ? await findAccount() : undefined;
  const directory = await mkdtemp(join(tmpdir(), 'ovadex-demo-database-'));
  let server: Child | null = null;
  const stop = async () => {
    // Breaks off what goes on, in an orderly way.
    await server?.end('SIGINT');
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const data = join(directory, 'data');
    const passwordFile = join(directory, 'password');
    await mkdir(data, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (account !== undefined) {
      for (const each of [directory, data, passwordFile]) await chown(each, account.uid, account.gid);
    }
    const files = [`--pgdata=${data}`, `--pwfile=${passwordFile}`];
    const kind = [`--username=${USER}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'];
    await run(programs.initdb, [...files, ...kind, '--no-sync', '--no-instructions'], {
      cwd: directory,
      signal,
      ...(account && { uid: account.uid, gid: account.gid }),
    });
    const settings = {
      listen_addresses: '127.0.0.1',
      port: `${port}`,
      unix_socket_directories: '',
      // Its files are removed anyway.
      fsync: 'off',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    server = startChild(programs.postgres, ['-D', data, ...args], { cwd: directory, account });
    await untilReady(server, data, signal);
    return { url: `postgres://${USER}@127.0.0.1:${port}/postgres`, stop };
  } catch (error) {
    await stop();
    signal.throwIfAborted();
    throw new OvadexError('usage', `PostgreSQL could not be started: ${reasonOf(error, programs, account)}`, {
      cause: error,
    });
  }
}

async function untilReady(server: Child, data: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await isReady(data))) {
    if (!server.isRunning() || performance.now() > deadline) throw new Error(server.said() || 'it does not answer');
    await delay(ASKED_EVERY_MS, undefined, { signal });
  }
}

/** Whether a server lets clients in, as it notes itself: it listens before that, and refuses them. */
async function isReady(data: string): Promise<boolean> {
  try {
    const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
    return lines[STATUS_LINE]?.trim() === 'ready';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

async function findAccount(): Promise<Account> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const account of ACCOUNTS) {
    const [, , uid, gid] = lines.find(([name]) => name === account) ?? [];
    if (uid !== undefined && gid !== undefined) return { name: account, uid: Number(uid), gid: Number(gid) };
  }
  throw new OvadexError('usage', 'PostgreSQL does not run as root, and there is no other account for it here');
}

/** What a program has said tells more than that it failed. */
function reasonOf(error: unknown, { initdb }: PostgresPrograms, account: Account | undefined): string {
  if (!(error instanceof Error)) return String(error);
  if (account !== undefined && 'code' in error && error.code === 'EACCES') {
    return `it does not run as root, and "${account.name}" may not run ${initdb}; install it where everybody may, or start the demo as another user`;
  }
  const said = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return said === '' ? error.message : said;
}
