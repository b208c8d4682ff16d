import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';

export interface SteadyLoadOptions {
  readonly url: string;
  readonly authorization: string;
  readonly perSecond: number;
  readonly connections: number;
}

export interface SteadyLoad {
  /** Waits for what is on its way; answers the latencies in ms. Rejects if an answer was no 200. */
  stop(): Promise<number[]>;
}

/**
 * Requests at a fixed rate, whether or not the earlier ones are answered. A latency counts from the moment at which the
 * request was due, so a server that stands still for a while is charged with all that became due meanwhile
 * and not just with the few that it kept from being sent.
 */
export function startSteadyLoad({ url, authorization, perSecond, connections }: SteadyLoadOptions): SteadyLoad {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections });
  const stopping = new AbortController();
  const latencies: number[] = [];
  const answers: Promise<void>[] = [];

  const ask = async (dueAt: number) => {
    const { statusCode, body } = await pool.request({ path: pathname, method: 'GET', headers: { authorization } });
    await body.dump();
    latencies.push(performance.now() - dueAt);
    if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`);
  };
  const run = async () => {
    const startedAt = performance.now();
    for (let sent = 0; !stopping.signal.aborted; ) {
      const dueAt = startedAt + (sent * 1000) / perSecond;
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) {
        await delay(waitMs);
        continue;
      }
      answers.push(ask(dueAt));
      sent++;
    }
    await Promise.all(answers);
    await pool.close();
    return latencies;
  };
  const done = run();
  done.catch(() => undefined); // `stop` tells
  return {
    stop() {
      stopping.abort();
      return done;
    },
  };
}
