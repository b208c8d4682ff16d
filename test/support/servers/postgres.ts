import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { findProgram } from '../process/installed.js';
import { endAll, signalAll, until } from '../process/process-tree.js';
import { accountOf } from './server-account.js';
import { freePort, hasEnded } from './server-process.js';

/** Debian's place, with a directory for each version. */
const DEBIANS = '/usr/lib/postgresql';
const PROGRAMS = ['postgres', 'initdb', 'pg_basebackup'];

const directory = findDirectory();

/** What PostgreSQL lacks to run here, or null. */
export const postgresMissing: string | null = directory === null ? 'PostgreSQL 15 (Debian: postgresql-15)' : null;

/** A genuine PostgreSQL with a cluster of its own in a temporary directory. */
export interface PostgresServer {
  /** Of the database `postgres`, as its superuser. */
  readonly url: string;
  readonly port: number;
  /**
   * Makes a database out of another one that nobody is connected to, else an empty one, and returns its URL. It belongs to
   * the URL's user, who may do no more than any other.
   */
  createDatabase(template?: string): Promise<string>;
  /** Returns the rows of a statement, asked by a connection of its own. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** SIGKILL for the first of its processes; the others notice and end, without writing anything. */
  kill(): Promise<void>;
  /** Ends it in an orderly way if it runs, breaking off whatever goes on, and starts it at the same port. */
  restart(): Promise<void>;
  /** Stops all of its processes where they are: connections stay open, and nobody answers. */
  pause(): void;
  resume(): void;
  /** Starts another server that follows this one, and has all that this one has until now. */
  startReplica(): Promise<PostgresReplica>;
  /** Ends it and removes its data. Its replicas have to be ended by themselves. */
  stop(): Promise<void>;
}

/** It takes no writes until it is promoted. */
export interface PostgresReplica extends PostgresServer {
  /** Waits until all that the server which it follows has committed can be read here. */
  catchUp(): Promise<void>;
  /** Follows no longer: what the other one commits from now on is lost once this one is promoted. */
  detach(): Promise<void>;
  /** Makes it a server that takes writes, on a timeline of its own. */
  promote(): Promise<void>;
}

export interface PostgresOptions {
  /** With a password, which is in the URL; else everybody on this machine is let in. */
  readonly hasPassword?: boolean;
  /** Asks the disk for each commit, as a server of the real world does. */
  readonly isDurable?: boolean;
  /** In place of those for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Whoever is not gone by then, after the first of its processes was killed, is killed as well. */
const END_WITHIN_MS = 5_000;
const STOP_WITHIN_MS = 20_000;
/** The end of its stderr that an error quotes. */
const ERROR_TAIL_CHARACTERS = 2_000;
/** Of all users. */
const PASSWORD = 'good-as-any';
/** To whom databases belong. */
const OWNER = 'ovadex';

/** It runs as nobody who may read everything: it refuses to. */
const account = directory !== null && process.getuid?.() === 0 ? accountOf('postgres') : null;
const as = account === null ? {} : { uid: account.uid, gid: account.gid };

/**
 * Makes a cluster whose order of texts is that of a language, not of bytes, and starts a server for it on a free port of
 * 127.0.0.1.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const place = makePlace();
  const passwordFile = join(place.scratch, 'password');
  writeFileSync(passwordFile, PASSWORD);
  runProgram('initdb', [
    `--pgdata=${place.data}`,
    '--username=postgres',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--locale-provider=icu',
    '--icu-locale=en-US',
    '--no-sync',
    '--no-instructions',
    ...(options.hasPassword ? ['--auth=scram-sha-256', `--pwfile=${passwordFile}`] : ['--auth=trust']),
  ]);
  const server = await startServer(place, options);
  await server.query(`CREATE ROLE ${OWNER} LOGIN PASSWORD '${PASSWORD}'`);
  return server;
}

/** Where a server has its files. */
interface Place {
  readonly scratch: string;
  readonly data: string;
}

function makePlace(): Place {
  const scratch = mkdtempSync(join(tmpdir(), 'ovadex-postgres-'));
  const data = join(scratch, 'data');
  mkdirSync(data, { mode: 0o700 });
  for (const each of account === null ? [] : [scratch, data]) chownSync(each, account?.uid ?? 0, account?.gid ?? 0);
  return { scratch, data };
}

async function startServer(place: Place, options: PostgresOptions): Promise<PostgresServer> {
  const port = await freePort();
  const url = `postgres://postgres${options.hasPassword ? `:${PASSWORD}` : ''}@127.0.0.1:${port}/postgres`;
  let child = await launch(place, port, options, url);
  let databases = 0;
  const endWithUs = () => child.kill('SIGQUIT');
  process.once('exit', endWithUs);
  const query = (sql: string, values: readonly unknown[] = []) => ask(url, sql, values);
  /** Without waiting for anybody who is connected. */
  const shutDown = async () => {
    signalAll(child, 'SIGCONT');
    await endAll(child, 'SIGINT', STOP_WITHIN_MS);
  };
  return {
    url,
    port,
    query,
    async createDatabase(template) {
      const name = `of_a_test_${++databases}`;
      const from = template === undefined ? 'template1' : new URL(template).pathname.slice(1);
      await query(`CREATE DATABASE ${name} OWNER ${OWNER} TEMPLATE ${from}`);
      return Object.assign(new URL(url), { username: OWNER, pathname: `/${name}` }).href;
    },
    kill: () => endAll(child, 'SIGKILL', END_WITHIN_MS),
    async restart() {
      await shutDown();
      child = await launch(place, port, options, url);
    },
    pause: () => signalAll(child, 'SIGSTOP'),
    resume: () => signalAll(child, 'SIGCONT'),
    startReplica: () => startReplica(url, query, options),
    async stop() {
      process.off('exit', endWithUs);
      await shutDown();
      rmSync(place.scratch, { recursive: true, force: true });
    },
  };
}

async function startReplica(
  primary: string,
  queryPrimary: PostgresServer['query'],
  options: PostgresOptions,
): Promise<PostgresReplica> {
  const place = makePlace();
  runProgram('pg_basebackup', [
    `--dbname=${primary}`,
    `--pgdata=${place.data}`,
    '--checkpoint=fast',
    '--wal-method=stream',
    '--write-recovery-conf',
    '--no-sync',
  ]);
  const server = await startServer(place, options);
  const untilTrue = async (what: string, values: readonly unknown[] = []) => {
    await until(async () => (await server.query(`SELECT ${what} AS is_so`, values))[0]?.['is_so'] === true, what);
  };
  return {
    ...server,
    async catchUp() {
      const [at] = await queryPrimary('SELECT pg_current_wal_lsn()::text AS lsn');
      await untilTrue('pg_last_wal_replay_lsn() >= $1::pg_lsn', [at?.['lsn']]);
    },
    async detach() {
      await server.query("ALTER SYSTEM SET primary_conninfo = ''");
      await server.query('SELECT pg_reload_conf()');
      await untilTrue('NOT EXISTS (SELECT FROM pg_stat_wal_receiver)');
    },
    promote: () => untilTrue('pg_promote()'),
  };
}

async function launch(place: Place, port: number, options: PostgresOptions, url: string): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: `${port}`,
    unix_socket_directories: '',
    // A killed process loses nothing that the system has taken; only a disk that fails does.
    fsync: options.isDurable ? 'on' : 'off',
    full_page_writes: options.isDurable ? 'on' : 'off',
    max_connections: '200',
    wal_level: 'replica',
    wal_keep_size: '256MB',
    ...options.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(programOfPostgres('postgres'), ['-D', place.data, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: place.scratch,
    ...as,
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-ERROR_TAIL_CHARACTERS);
  });
  child.once('error', (error) => {
    errors += error.message;
  });
  try {
    await until(async () => {
      if (hasEnded(child)) throw new Error('it has ended');
      return await isReady(url);
    }, 'an answer');
  } catch (error) {
    await endAll(child, 'SIGQUIT', STOP_WITHIN_MS);
    throw new Error(`PostgreSQL on port ${port} did not come up: ${errors.trim() || 'it said nothing'}`, {
      cause: error,
    });
  }
  return child;
}

async function isReady(url: string): Promise<boolean> {
  return await ask(url, 'SELECT 1', []).then(
    () => true,
    () => false,
  );
}

async function ask(url: string, sql: string, values: readonly unknown[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  // A server that is killed breaks the connection while nobody asks.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}

function runProgram(name: string, args: readonly string[]): void {
  execFileSync(programOfPostgres(name), args, { cwd: tmpdir(), stdio: ['ignore', 'ignore', 'pipe'], ...as });
}

/** Returns where a program of the server is. Throws if there is no server here. */
export function programOfPostgres(name: string): string {
  if (directory === null) throw new Error(`This machine lacks ${postgresMissing}`);
  return join(directory, name);
}

/** The programs of one version: of Debian's newest one, or of one that is on the PATH. */
function findDirectory(): string | null {
  const versions = existsSync(DEBIANS) ? readdirSync(DEBIANS).filter((name) => Number(name) >= 15) : [];
  const onPath = findProgram('postgres');
  const found = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIANS, version, 'bin'));
  if (onPath !== null) found.push(join(onPath, '..'));
  return found.find((each) => PROGRAMS.every((name) => existsSync(join(each, name)))) ?? null;
}
