import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../support/process/installed.js';
import { runMeasured } from './child.js';

export interface LoadOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** What the lists are asked for besides a filter that changes with every request; null: all requests are the same. */
  readonly changing: string | null;
}

/** Enough to keep a server on one core busy, few enough to keep the load's core from being the limit. */
const CONNECTIONS = 32;

const CHANGING = fileURLToPath(new URL('./list-load.lua', import.meta.url));

/** Whatever else the machine does. */
const ANSWERED_WITHIN = '20s';

/** The core that servers are measured on; the load gets the other one, so that neither takes from the other. */
export const SERVER_CORE = '0';
export const LOAD_CORE = '1';

/** Program and arguments, bound to one core where the system can do that. */
export function onCore(core: string, program: string, args: readonly string[]): [string, readonly string[]] {
  const taskset = findProgram('taskset');
  return taskset === null ? [program, args] : [taskset, ['-c', core, program, ...args]];
}

/** Which program makes the load: wrk where it is installed, since it costs a core the least. */
export function loadTool(): 'wrk' | 'autocannon' {
  return findProgram('wrk') === null ? 'autocannon' : 'wrk';
}

/** Answers per second under full load. Throws if an answer was neither 200 nor 304. */
export async function answersPerSecond(options: LoadOptions): Promise<number> {
  if (loadTool() === 'wrk') return loadByWrk(options);
  if (options.changing !== null) throw new Error('requests that change are made by wrk, which is not installed');
  return loadByAutocannon(options);
}

async function loadByWrk({ url, headers, seconds, changing }: LoadOptions): Promise<number> {
  const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const [script, query] =
    changing === null
      ? [[], []]
      : [
          ['-s', CHANGING],
          ['--', changing],
        ];
  const args = [
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${seconds}s`,
    '--timeout',
    ANSWERED_WITHIN,
    ...given,
    ...script,
    url,
    ...query,
  ];
  const { stdout } = await runMeasured(...onCore(LOAD_CORE, findProgram('wrk') ?? 'wrk', args));
  const perSecond = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
  if (perSecond === undefined || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk met errors: ${stdout}`);
  return Number(perSecond);
}

async function loadByAutocannon({ url, headers, seconds }: LoadOptions): Promise<number> {
  const program = createRequire(import.meta.url).resolve('autocannon/autocannon.js');
  const args = [program, '--json', '--no-progress', '-c', `${CONNECTIONS}`, '-d', `${seconds}`];
  const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}=${value}`]);
  const { stdout } = await runMeasured(...onCore(LOAD_CORE, process.execPath, [...args, ...given, url]));
  const result = JSON.parse(stdout) as {
    requests: { total: number };
    duration: number;
    errors: number;
    '4xx': number;
    '5xx': number;
  };
  const failed = result.errors + result['4xx'] + result['5xx'];
  if (failed > 0) throw new Error(`autocannon met ${failed} errors`);
  return result.requests.total / result.duration;
}
