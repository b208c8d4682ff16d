import { createRequire } from 'node:module';
import { findProgram } from '../support/installed.js';
import { runMeasured } from './child.js';

export interface LoadOptions {
  readonly url: string;
  readonly authorization: string;
  readonly seconds: number;
}

/** Enough to keep a server on one core busy, few enough to keep the load's core from being the limit. */
const CONNECTIONS = 32;

/** The core that servers are measured on; the load gets the other one, so that neither takes from the other. */
export const SERVER_CORE = '0';
const LOAD_CORE = '1';

/** Program and arguments, bound to one core where the system can do that. */
export function onCore(core: string, program: string, args: readonly string[]): [string, readonly string[]] {
  const taskset = findProgram('taskset');
  return taskset === null ? [program, args] : [taskset, ['-c', core, program, ...args]];
}

/** Which program makes the load: wrk where it is installed, since it costs a core the least. */
export function loadTool(): 'wrk' | 'autocannon' {
  return findProgram('wrk') === null ? 'autocannon' : 'wrk';
}

/** Answers per second under full load. Throws if an answer was no 200. */
export async function answersPerSecond(options: LoadOptions): Promise<number> {
  return loadTool() === 'wrk' ? loadByWrk(options) : loadByAutocannon(options);
}

async function loadByWrk({ url, authorization, seconds }: LoadOptions): Promise<number> {
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-H', `Authorization: ${authorization}`, url];
  const { stdout } = await runMeasured(...onCore(LOAD_CORE, findProgram('wrk') ?? 'wrk', args));
  const perSecond = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
  if (perSecond === undefined || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk met errors: ${stdout}`);
  return Number(perSecond);
}

async function loadByAutocannon({ url, authorization, seconds }: LoadOptions): Promise<number> {
  const program = createRequire(import.meta.url).resolve('autocannon/autocannon.js');
  const args = [program, '--json', '--no-progress', '-c', `${CONNECTIONS}`, '-d', `${seconds}`];
  const { stdout } = await runMeasured(
    ...onCore(LOAD_CORE, process.execPath, [...args, '-H', `Authorization=${authorization}`, url]),
  );
  const result = JSON.parse(stdout) as {
    requests: { total: number };
    duration: number;
    non2xx: number;
    errors: number;
  };
  if (result.non2xx + result.errors > 0) throw new Error(`autocannon met ${result.non2xx + result.errors} errors`);
  return result.requests.total / result.duration;
}
