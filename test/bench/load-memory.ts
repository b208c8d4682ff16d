import { setTimeout as delay } from 'node:timers/promises';
import { residentBytesOf } from '../support/process/usage.js';
import { loadTool } from './load.js';
import { loadAsMany, serveManyUsers } from './many-users.js';
import type { Verdict } from './ratios.js';
import { megabytes } from './units.js';

export interface LoadMemoryBenchOptions {
  readonly users: number;
  readonly connections: number;
  readonly loadSeconds: number;
  /** How long it has had no request when it is looked at. */
  readonly restSeconds: number;
  readonly onProgress: (text: string) => void;
}

/** What a load may take, and what may be left of it a minute later. */
const MOST_UNDER_LOAD_BYTES = 250e6;
const MOST_AFTER_LOAD_BYTES = 160e6;
const CLIENTS = 5;

/** The memory of the real program while many ask it over many connections, and when it has rested from that. */
export async function benchLoadMemory(options: LoadMemoryBenchOptions): Promise<readonly Verdict[]> {
  const { users, connections, loadSeconds, restSeconds, onProgress } = options;
  if (loadTool() !== 'wrk') {
    onProgress('load-memory: left out, requests that change are made by wrk');
    return [];
  }
  const serving = await serveManyUsers(users);
  try {
    await delay(2_000); // the start's own garbage is gone
    const restingBytes = residentBytesOf(serving.pid);
    const watch = watchMemory(serving.pid);
    const args = [serving.tokenFile, `${users}`, `${CLIENTS}`, 'gzip'];
    const loading = loadAsMany(`${serving.url}v2/image`, loadSeconds, connections, args);
    const answered = await loading.finally(watch.stop);
    const mostBytes = watch.most();
    onProgress(`load-memory: ${megabytes(mostBytes)} under load`);
    await delay(restSeconds * 1_000);
    const afterBytes = residentBytesOf(serving.pid);
    const who = `${users} users, ${CLIENTS} clients each, over ${connections} connections`;
    const context = [`${megabytes(restingBytes)} before it, ${answered} answers in ${loadSeconds} s`];
    const verdict = (name: string, what: string, most: number, bytes: number): Verdict => ({
      ...{ name, ratio: most / bytes, ratios: [most / bytes], target: 1 },
      meaning: `${megabytes(most)} / memory ${what} ${who}`,
      context: [`${megabytes(bytes)}; ${context}`],
    });
    return [
      verdict('load-memory, under', 'under the load of', MOST_UNDER_LOAD_BYTES, mostBytes),
      verdict('load-memory, after', `${restSeconds} s after the load of`, MOST_AFTER_LOAD_BYTES, afterBytes),
    ];
  } finally {
    await serving.stop();
  }
}

/** Looks at a process's memory ten times a second. */
function watchMemory(pid: number | undefined) {
  let most = 0;
  const look = setInterval(() => {
    most = Math.max(most, residentBytesOf(pid));
  }, 100);
  return { most: () => most, stop: () => clearInterval(look) };
}
