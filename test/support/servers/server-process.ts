import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MountNamespace } from '../process/mount-namespace.js';
import type { ServerAccount } from './server-account.js';

/** A real server in a child process. */
export interface ServerProcess {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  readonly port: number;
  /** Of the child, for whoever measures what it takes. */
  readonly pid?: number | undefined;
  /** Ends the child and waits until it is gone. */
  stop(): Promise<void>;
}

export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** For a server that does not log to stderr: an error quotes it. */
  readonly logFile?: string;
  /** Sees the child, whose standard output then is a pipe. */
  readonly onStart?: (child: ChildProcess) => void;
  /** For a server that can't drop root's rights itself. */
  readonly account?: ServerAccount | null;
}

/** What a launcher has to work with: the port to listen on and a directory for its own files. */
export interface ServerPlace {
  readonly port: number;
  /** Empty, readable by every account, removed when the server stops. */
  readonly scratch: string;
}

/** Every server here is up within a second; a loaded machine may take longer. */
const READY_WITHIN_MS = 60_000;
const POLL_EVERY_MS = 50;
/** A server that doesn't end by itself in this time is killed. */
const STOP_WITHIN_MS = 10_000;
/** The end of a server's stderr or log that an error quotes. */
const ERROR_TAIL_CHARACTERS = 2_000;

interface Probe {
  readonly method: string;
  /** Below its URL. */
  readonly path: string;
}

/**
 * Starts a server on a free port of 127.0.0.1 (or on `port`) and waits until it
 * answers at all, whatever the status. Throws with the end of its stderr if it
 * ends before that or never answers.
 */
export async function startServerProcess(
  commandFor: (place: ServerPlace) => ServerCommand,
  options: {
    readonly port?: number | undefined;
    readonly mounts?: MountNamespace | undefined;
    /** What it is asked until it answers, whatever it answers; if not given, what any server of WebDAV knows. */
    readonly probe?: Probe;
  } = {},
): Promise<ServerProcess> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}/`;
  const scratch = mkdtempSync(join(tmpdir(), 'ovadex-server-'));
  // A server that drops root's rights reads its files as somebody else.
  chmodSync(scratch, 0o755);
  const command = commandFor({ port, scratch });
  const { program, args, env, logFile, account, onStart } = options.mounts?.inside(command) ?? command;
  const child = spawn(program, args, {
    stdio: ['ignore', onStart === undefined ? 'ignore' : 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(account ? { uid: account.uid, gid: account.gid } : {}),
  });
  onStart?.(child);
  const endWithUs = () => child.kill('SIGTERM');
  process.once('exit', endWithUs);

  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-ERROR_TAIL_CHARACTERS);
  });
  child.once('error', (error) => {
    errors += error.message;
  });

  const stop = async () => {
    process.off('exit', endWithUs);
    await endChild(child);
    rmSync(scratch, { recursive: true, force: true });
  };
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await answers(url, options.probe))) {
    if (hasEnded(child) || Date.now() > deadline) {
      if (logFile !== undefined && existsSync(logFile))
        errors += readFileSync(logFile, 'utf8').slice(-ERROR_TAIL_CHARACTERS);
      await stop();
      throw new Error(`${program} on port ${port} did not come up: ${errors.trim() || 'it said nothing'}`);
    }
    await delay(POLL_EVERY_MS);
  }
  return { url, port, pid: child.pid, stop };
}

/** Below these nothing but a server that names its port listens: the kernel gives higher ones to whoever names none. */
const [KERNELS_FIRST_PORT = 32_768] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
  .split(/\s+/)
  .map(Number);
const FIRST_PORT = 10_000;
let nextPort = FIRST_PORT + Math.floor(Math.random() * (KERNELS_FIRST_PORT - FIRST_PORT));

/** The one port in this range to which `fetch` and browsers send nothing (https://fetch.spec.whatwg.org/#port-blocking). */
const REFUSED_PORT = 10_080;

/**
 * A TCP port of 127.0.0.1 that nobody listens on, for a server that must be told one. It stays free until then: neither
 * the kernel gives it to anybody else, nor does this process a second time.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = nextPort++;
    if (nextPort >= KERNELS_FIRST_PORT) nextPort = FIRST_PORT;
    if (port !== REFUSED_PORT && (await isFree(port))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** SIGTERM, and SIGKILL for a child that ignores it. Does nothing to one that has ended. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

async function answers(url: string, { method, path }: Probe = { method: 'OPTIONS', path: '' }): Promise<boolean> {
  try {
    const response = await fetch(url + path, { method, redirect: 'manual', signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return true;
  } catch (error) {
    // A refused connection (TypeError) or a slow answer (TimeoutError): not up yet.
    if (error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError')) return false;
    throw error;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
