import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createCleanup } from '../../support/cleanup.js';
import { processorClockOf } from '../processor-time.js';
import { median, type Verdict } from '../ratios.js';
import { type Ask, type Minute, WAYS } from './consumer-ways.js';
import { openWaitersScene, type WaitersScene } from './scene.js';
import { measureWebhook } from './webhook-minutes.js';

export interface ConsumerDayOptions {
  readonly images: number;
  /** So many minutes are played, one right after the other. */
  readonly minutes: number;
  /** So many messages to a webhook: what another process commits is looked for every five seconds. */
  readonly messages: number;
  /** How long the daemon is left alone to learn what it takes without any change, after as long again. */
  readonly idleMs: number;
  readonly onProgress: (text: string) => void;
}

const MINUTES_OF_A_DAY = 1_440;
const DAY_MS = 86_400_000;
/** Minutes that don't count: what runs often is compiled by then. */
const WARM_UP = 10;
/** What else the machine does, and collections, make one look at an idle daemon differ from the next. */
const IDLE_ROUNDS = 3;
const WAITING = 'ovadex_http_waiting_clients';

/** What so many minutes cost, beyond what the daemon takes with nobody there. */
export interface Cost {
  readonly bytes: number;
  readonly cpuMs: number;
}

/**
 * What a day costs a consumer of one list, of which one image changes each minute, on the wire and in the daemon's
 * processor time: some minutes are played without the pauses between requests, and scaled to 1,440. Those who wait are
 * charged with the looks of a whole day; what the daemon takes by itself is told apart.
 */
export async function benchConsumerDay(options: ConsumerDayOptions): Promise<Verdict> {
  const { images, minutes, messages, idleMs, onProgress } = options;
  const days: { readonly name: string; readonly bytes: number; readonly cpuMs: number }[] = [];
  const note = (name: string, { bytes, cpuMs }: Cost, played: number, waitingMs: number) => {
    const factor = MINUTES_OF_A_DAY / played;
    days.push({ name, bytes: bytes * factor, cpuMs: Math.max(0, cpuMs) * factor + waitingMs });
    onProgress(`consumer's day: ${describe(days.at(-1) as (typeof days)[0])}`);
  };
  const cleanup = createCleanup();
  try {
    const scene = await openWaitersScene({ spaces: 1, perUser: 20, images });
    cleanup.add(scene.stop);
    await scene.metric(WAITING); // which is slow the first time
    const alone: number[] = [];
    const beside: number[] = [];
    for (let n = 0; n < IDLE_ROUNDS; n++) {
      alone.push(await idleRate(scene, idleMs));
      beside.push(await waitingRate(scene, idleMs));
    }
    const idle = median(alone);
    const looksMs = Math.max(0, median(beside) - idle) * DAY_MS;
    for (const [name, waits, minuteOf] of WAYS) {
      note(name, await play(scene, minuteOf(), minutes, idle), minutes, waits ? looksMs : 0);
    }
    await cleanup.run();
    note('webhook', await measureWebhook({ images, messages, idle }), messages, 0);
    const [polls, , , changes] = days;
    const ratio = (polls?.bytes ?? Number.NaN) / (changes?.bytes ?? Number.NaN);
    return {
      name: "consumer's day",
      meaning: `bytes of a day of polls without ETag / of changes that are waited for, ${images} images`,
      ratio,
      ratios: [ratio],
      // A list of 1,000 images is some 200 KB, and a change less than 1 KB with all headers.
      target: 100,
      context: [
        `${minutes} minutes played and ${messages} messages, scaled to a day; answers are not compressed`,
        ...days.map(describe),
        `a client that waits is charged with ${inSeconds(looksMs)} of it, ten looks a second at whether anybody has written; the daemon alone takes ${inSeconds(idle * DAY_MS)} a day (${alone.map((rate) => inSeconds(rate * DAY_MS)).join(', ')})`,
      ],
    };
  } finally {
    await cleanup.run();
  }
}

/** Processor time of the daemon with nobody there, as a part of the time; what was asked before has its aftermath first. */
async function idleRate({ daemon }: WaitersScene, forMs: number): Promise<number> {
  await delay(forMs);
  const clock = processorClockOf(daemon.child.pid);
  const startedAt = performance.now();
  await delay(forMs);
  return clock() / (performance.now() - startedAt);
}

/** The same while one client waits and nothing changes. */
async function waitingRate(scene: WaitersScene, forMs: number): Promise<number> {
  const leaving = new AbortController();
  const url = `${scene.daemon.url}v2/image`;
  const headers = { authorization: `Bearer ${scene.tokens[0]}` };
  const { headers: given } = await fetch(url, { headers });
  const asked = fetch(url, {
    headers: { ...headers, prefer: 'wait=60', 'if-none-match': given.get('etag') ?? '' },
    signal: leaving.signal,
  });
  asked.catch(() => undefined); // it is left
  while ((await scene.metric(WAITING)) !== 1) await delay(50);
  const rate = await idleRate(scene, forMs);
  leaving.abort();
  return rate;
}

async function play(scene: WaitersScene, minute: Minute, minutes: number, idle: number): Promise<Cost> {
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
    const bytesBefore = bytes;
    const clock = processorClockOf(scene.daemon.child.pid);
    const startedAt = performance.now();
    for (let n = 0; n < minutes; n++) await minute(ask, change);
    const idleMs = idle * (performance.now() - startedAt);
    return { bytes: bytes - bytesBefore, cpuMs: clock() - idleMs };
  } finally {
    agent.destroy();
  }
}

function describe({ name, bytes, cpuMs }: { name: string; bytes: number; cpuMs: number }): string {
  return `${name}: ${(bytes / 1e6).toFixed(1)} MB and ${inSeconds(cpuMs)} of processor time a day`;
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
