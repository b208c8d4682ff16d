import { Agent, request } from 'node:http';
import { createCleanup } from '../../support/cleanup.js';
import { processorMsOf } from '../processor-time.js';
import type { Verdict } from '../ratios.js';
import { openWaitersScene, type WaitersScene } from './scene.js';

export interface ConsumerDayOptions {
  readonly images: number;
  /** So many minutes are played, one right after the other. */
  readonly minutes: number;
  readonly onProgress: (text: string) => void;
}

const MINUTES_OF_A_DAY = 1_440;
/** Minutes that don't count: what runs often is compiled by then. */
const WARM_UP = 10;

type Ask = (path: string, headers?: Readonly<Record<string, string>>) => Promise<{ etag: string; body: string }>;

/** One client's minute, in which one image changes. */
type Minute = (ask: Ask, change: () => unknown) => Promise<void>;

/**
 * What a day costs a consumer of one list, of which one image changes each minute, on the wire and in the daemon's
 * processor time: some minutes are played without the pauses between requests, and scaled to 1,440.
 */
export async function benchConsumerDay({ images, minutes, onProgress }: ConsumerDayOptions): Promise<Verdict> {
  const cleanup = createCleanup();
  try {
    const scene = await openWaitersScene({ spaces: 1, perUser: 20, images });
    cleanup.add(scene.stop);
    const days: { readonly name: string; readonly bytes: number; readonly cpuMs: number }[] = [];
    for (const [name, minuteOf] of WAYS) {
      const { bytes, cpuMs } = await play(scene, minuteOf(), minutes);
      const factor = MINUTES_OF_A_DAY / minutes;
      days.push({ name, bytes: bytes * factor, cpuMs: cpuMs * factor });
      onProgress(`consumer's day: ${describe(days.at(-1) as (typeof days)[0])}`);
    }
    const [polls, last] = [days[0], days.at(-1)];
    const ratio = (polls?.bytes ?? Number.NaN) / (last?.bytes ?? Number.NaN);
    return {
      name: "consumer's day",
      meaning: `bytes of a day of polls without ETag / of changes that are waited for, ${images} images`,
      ratio,
      ratios: [ratio],
      // A list of 1,000 images is some 200 KB, and a change less than 1 KB with all headers.
      target: 100,
      context: [`${minutes} minutes played, scaled to a day; answers are not compressed`, ...days.map(describe)],
    };
  } finally {
    await cleanup.run();
  }
}

const LIST = '/v2/image';
const WAIT = { prefer: 'wait=60' };

const WAYS: readonly (readonly [string, () => Minute])[] = [
  [
    'list every 30 s, without ETag',
    () => async (ask, change) => {
      await change();
      for (let n = 0; n < 2; n++) await ask(LIST);
    },
  ],
  [
    'list every 30 s, with ETag',
    () => {
      let etag = '';
      return async (ask, change) => {
        await change();
        for (let n = 0; n < 2; n++) ({ etag } = await ask(LIST, conditional(etag)));
      };
    },
  ],
  [
    'list with Prefer: wait',
    () => {
      let etag = '';
      return async (ask, change) => {
        if (etag === '') ({ etag } = await ask(LIST));
        const answer = ask(LIST, { ...WAIT, ...conditional(etag) });
        await change();
        ({ etag } = await answer);
      };
    },
  ],
  [
    'changes with Prefer: wait',
    () => {
      let since = '';
      return async (ask, change) => {
        while (since === '') since = await wholeList(ask);
        const answer = ask(`${LIST}/changes?since=${since}`, WAIT);
        await change();
        since = pointOf((await answer).body).since;
      };
    },
  ],
];

function conditional(etag: string): Record<string, string> {
  return etag === '' ? {} : { 'if-none-match': etag };
}

/** Reads all pages of changes from the start; returns the point to go on from. */
async function wholeList(ask: Ask): Promise<string> {
  let point = { since: '', hasMore: true };
  while (point.hasMore) {
    const query = point.since === '' ? '' : `?since=${point.since}`;
    point = pointOf((await ask(`${LIST}/changes${query}`)).body);
  }
  return point.since;
}

function pointOf(body: string): { readonly since: string; readonly hasMore: boolean } {
  const { meta } = JSON.parse(body) as { meta: { next_since: string; has_more: boolean } };
  return { since: meta.next_since, hasMore: meta.has_more };
}

async function play(scene: WaitersScene, minute: Minute, minutes: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let bytes = 0;
  const ask: Ask = (path, headers = {}) =>
    new Promise((resolve, reject) => {
      const authorization = `Bearer ${scene.tokens[0]}`;
      const asked = request(new URL(path, scene.daemon.url), { agent, headers: { authorization, ...headers } });
      asked.once('error', reject).once('response', (response) => {
        const { socket } = response;
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.once('end', () => {
          bytes = socket.bytesRead + socket.bytesWritten;
          if (response.statusCode === 200 || response.statusCode === 304) {
            resolve({ etag: response.headers.etag ?? '', body });
          } else reject(new Error(`${path} was answered by ${response.statusCode}: ${body}`));
        });
      });
      asked.end();
    });
  const change = () => scene.change(1);
  try {
    for (let n = 0; n < WARM_UP; n++) await minute(ask, change);
    const before = { bytes, cpuMs: processorMsOf(scene.daemon.child.pid) };
    for (let n = 0; n < minutes; n++) await minute(ask, change);
    return { bytes: bytes - before.bytes, cpuMs: processorMsOf(scene.daemon.child.pid) - before.cpuMs };
  } finally {
    agent.destroy();
  }
}

function describe({ name, bytes, cpuMs }: { name: string; bytes: number; cpuMs: number }): string {
  return `${name}: ${(bytes / 1e6).toFixed(1)} MB and ${(cpuMs / 1000).toFixed(1)} s of processor time a day`;
}
