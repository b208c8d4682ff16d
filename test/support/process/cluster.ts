import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Cleanup } from '../cleanup.js';
import type { ServerProcess } from '../servers/server-process.js';
import { installOvadex, type Ovadex, type Settings } from './ovadex.js';
import { until } from './process-tree.js';

/** A host of its own: a configuration, a data directory and a port. */
export interface Host {
  readonly ovadex: Ovadex;
  /** Where it answers, at each start. */
  readonly url: string;
  /** Starts its daemon unless that runs, and waits until it answers. */
  start(): Promise<void>;
  isRunning(): boolean;
  /** What its daemon has logged since its last start. */
  log(): string;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP: it hangs, and its connections stay. */
  pause(): void;
  resume(): void;
  /** Waits until its daemon has ended by itself. */
  ended(withinMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface HostOptions {
  /** Of a database, for all hosts the same. */
  readonly database: string;
  readonly roles: readonly ('api' | 'crawler')[];
  readonly settings: Settings;
  /** Added to the environment of its daemon. */
  readonly env?: Readonly<Record<string, string>>;
}

const ENDS_WITHIN_MS = 10_000;
const LOG = 'daemon.log';

/** Installs a host over a database that others use as well. The cleanup stops and removes it. */
export async function installHost(
  cleanup: Cleanup,
  { database, roles, settings, env = {} }: HostOptions,
): Promise<Host> {
  const ovadex = await installOvadex();
  cleanup.add(ovadex.remove);
  const directory = dirname(ovadex.configFile);
  const log = join(directory, LOG);
  ovadex.configure({ data: { directory: join(directory, 'data'), url: database }, roles, ...settings });
  let daemon: ServerProcess | undefined;
  const isRunning = () => {
    try {
      return daemon?.pid !== undefined && process.kill(daemon.pid, 0);
    } catch {
      return false;
    }
  };
  const untilEnded = (withinMs: number) => until(async () => !isRunning(), `the end of ${roles.join()}`, withinMs);
  const stop = async () => {
    await daemon?.stop();
    daemon = undefined;
  };
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    if (daemon?.pid !== undefined && isRunning()) process.kill(daemon.pid, name);
  };
  cleanup.add(stop);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return {
    ovadex,
    url: `http://127.0.0.1:${ovadex.port}/`,
    isRunning,
    async start() {
      if (isRunning()) return;
      // What is left of a daemon that has ended.
      await stop();
      const intoLog = ['-c', `exec env "$@" > '${log}' 2>&1`, 'sh', ...variables];
      try {
        daemon = await ovadex.serve({ wrap: (program, args) => ['sh', [...intoLog, program, ...args]] });
      } catch (error) {
        throw new Error(`a host of ${roles.join()} did not start: ${readFileSync(log, 'utf8')}`, { cause: error });
      }
    },
    async kill() {
      if (daemon?.pid !== undefined && isRunning()) process.kill(daemon.pid, 'SIGKILL');
      await untilEnded(ENDS_WITHIN_MS);
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    log: () => readFileSync(log, 'utf8'),
    ended: untilEnded,
    stop,
  };
}
