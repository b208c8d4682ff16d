import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { descriptorLimit } from '../../../src/platform/descriptors.js';
import { createCleanup } from '../../support/cleanup.js';
import { processorMsOf } from '../../support/process/usage.js';
import { percentile } from '../percentile.js';
import { measureRounds, median, type Verdict } from '../ratios.js';
import { type SteadyLoad, startSteadyLoad } from '../steady-load.js';
import { milliseconds, seconds } from '../units.js';
import { type Clients, startClients } from './client-process.js';
import { type LoggedProcess, startLogged } from './logged-process.js';
import { type Memory, memoryOf } from './memory-probe.js';
import { openWaitersScene, type WaitersScene } from './scene.js';

export interface WaitersBenchOptions {
  readonly clients: number;
  /** Among which they are spread in the second part; in the first all wait for one. */
  readonly spaces: number;
  readonly rounds: number;
  /** How long the lists of others are measured in each round. */
  readonly secondsEach: number;
  readonly onProgress: (text: string) => void;
}

/** Beside what node:http takes for the same requests. */
const SHARE_LIMIT_BYTES = 8_192;
const LAST_ANSWER_LIMIT_MS = 1_000;
/** The lists of others may take so much longer at the 99th percentile. */
const OTHERS_FACTOR = 1.3;
/** Some hundred clients, twice, before anything counts: what runs often is compiled by then. */
const WARM_UP_CLIENTS = 500;
const LOAD = { perSecond: 200, connections: 8 };
/** The index, the log, threads and the load have some dozens. */
const OTHER_DESCRIPTORS = 300;
const HELD_SERVER = fileURLToPath(new URL('./held-server.ts', import.meta.url));
/** To render the metrics takes the daemon some 10 ms, which are in what it is seen to take. */
const LOOK_EVERY_MS = 200;
const WAITING = 'ovadex_http_waiting_clients';

/** Why so many clients can't be held here, in words; null if they can. */
export function waitersMissing(clients: number): string | null {
  // Node raises it to the hard limit when it starts, and so do its children.
  const limit = descriptorLimit();
  if (limit === null) return 'a system with /proc';
  const needed = clients + OTHER_DESCRIPTORS;
  return limit >= needed ? null : `${needed} open files in each process, of which ${limit} are allowed (ulimit -Hn)`;
}

/** Clients that wait for another list: the memory that each takes, and how soon the last one is told of a commit. */
export async function benchWaiters(options: WaitersBenchOptions): Promise<readonly Verdict[]> {
  const held = await measureHeld(options);
  const one = await measureScene({ ...options, spaces: 1 }, held, true);
  const many = await measureScene(options, held, false);
  return [...one, ...many];
}

/** What a process takes for each client, and how long the last of them waited for its answer. */
interface Held {
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly lastMs: readonly number[];
}

/** The same requests on bare node:http, which holds them and answers all at once. */
async function measureHeld({ clients: count, rounds, onProgress }: WaitersBenchOptions): Promise<Held> {
  const cleanup = createCleanup();
  try {
    const folder = mkdtempSync(join(tmpdir(), 'ovadex-held-'));
    cleanup.add(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'answer.json');
    // As long as a list of twelve images.
    const body = Buffer.alloc(3_000, ' ').toString('base64');
    const headers = { 'content-type': 'application/json; charset=utf-8', etag: 'W/"of-all-of-them"' };
    writeFileSync(file, JSON.stringify({ status: 200, headers, body }));
    const server = await startLogged((port) => ['--import', 'tsx', HELD_SERVER, `${port}`, file]);
    cleanup.add(server.stop);
    const clients = startClients();
    cleanup.add(clients.stop);
    const tokens = Array.from({ length: count }, () => `ovx_${'a'.repeat(43)}`);
    const answer = async () => {
      const at = performance.timeOrigin + performance.now();
      await (await fetch(`${server.url}answer`)).arrayBuffer();
      return at;
    };
    const allWait = async (wanted: number) => {
      const heldNow = async () => Number(await (await fetch(`${server.url}held`)).text());
      while ((await heldNow()) !== wanted) await delay(50);
    };
    await warmUp(clients, server, tokens, answer, allWait);
    const { heapBytes, residentBytes } = await memoryOfEach(clients, server, tokens, allWait);
    const lastMs: number[] = [];
    for (let n = 0; n < rounds; n++) {
      await allWait(count);
      lastMs.push(await lastAnswer(clients, answer));
    }
    onProgress(`waiters: bare node:http ${kilobytes(heapBytes)} of heap, ${kilobytes(residentBytes)} resident each`);
    return { heapBytes, residentBytes, lastMs };
  } finally {
    await cleanup.run();
  }
}

async function measureScene(
  { clients: count, spaces, rounds, secondsEach, onProgress }: WaitersBenchOptions,
  held: Held,
  isWhole: boolean,
): Promise<Verdict[]> {
  const cleanup = createCleanup();
  try {
    const scene = await openWaitersScene({ spaces, perUser: Math.ceil(count / spaces) });
    cleanup.add(scene.stop);
    const clients = startClients();
    cleanup.add(clients.stop);
    const tokens = Array.from({ length: count }, (_, i) => scene.tokens[i % spaces] as string);
    const change = async () => scene.change(spaces);
    const allWait = (wanted: number) => untilWaiting(scene, wanted);
    await warmUp(clients, scene.daemon, tokens, change, allWait);
    const each = await memoryOfEach(clients, scene.daemon, tokens, allWait);
    const name = `waiters, ${spaces === 1 ? 'one space' : `${spaces} spaces`}`;
    const verdicts: Verdict[] = [];
    if (isWhole) {
      const over = (what: keyof Memory) => Math.max(1, each[what] - held[what]);
      verdicts.push(
        verdict('waiters, heap', `8 KiB / heap that each of ${count} takes beside node:http`, {
          ratios: [SHARE_LIMIT_BYTES / over('heapBytes')],
          context: [`heap ${kilobytes(each.heapBytes)} each, bare node:http ${kilobytes(held.heapBytes)}`],
        }),
        verdict('waiters, memory', `8 KiB / resident memory that each of ${count} takes beside node:http`, {
          ratios: [SHARE_LIMIT_BYTES / over('residentBytes')],
          context: [
            `resident ${kilobytes(each.residentBytes)} each, bare node:http ${kilobytes(held.residentBytes)}; the kernel's own part of a socket is in neither`,
          ],
        }),
        await compareOthers(scene, { rounds, secondsEach, onProgress }, cleanup.add),
      );
    }
    const lastMs: number[] = [];
    const cpuMs: number[] = [];
    for (let n = 1; n <= rounds; n++) {
      await allWait(count);
      const before = processorMsOf(scene.daemon.child.pid);
      lastMs.push(await lastAnswer(clients, change));
      await allWait(count);
      cpuMs.push(processorMsOf(scene.daemon.child.pid) - before);
      onProgress(
        `${name}: round ${n} of ${rounds}: the last of ${count} was told after ${seconds(lastMs.at(-1) ?? 0)}`,
      );
    }
    await allWait(count);
    const others = await listsOfOthers(scene, clients, change);
    verdicts.push(
      verdict(name, `1 s / from a commit to the answer of the last of ${count}, of whom each has asked anew`, {
        ratios: lastMs.map((ms) => LAST_ANSWER_LIMIT_MS / ms),
        context: [
          `the last after ${seconds(median(lastMs))}; of bare node:http with the same bytes ${seconds(median(held.lastMs))}`,
          `until all wait again ${seconds(median(cpuMs))} of the daemon's processor time`,
          `lists of others while all are told: median ${milliseconds(median(others))}, 99th percentile ${milliseconds(percentile(others, 0.99))}`,
        ],
      }),
    );
    return verdicts;
  } finally {
    await cleanup.run();
  }
}

/** Lists of a user for whom nobody waits, from the daemon with those who wait and from one without, in turn. */
async function compareOthers(
  scene: WaitersScene,
  { rounds, secondsEach, onProgress }: Pick<WaitersBenchOptions, 'rounds' | 'secondsEach' | 'onProgress'>,
  atEnd: (stop: () => Promise<void>) => void,
): Promise<Verdict> {
  const idle = await openWaitersScene({ spaces: 1, perUser: 1 });
  atEnd(idle.stop);
  const p99Of = async (which: WaitersScene) => {
    const load = startLoad(which);
    await delay(secondsEach * 1_000);
    return percentile(await load.stop(), 0.99);
  };
  for (const which of [scene, idle]) await p99Of(which);
  const measured = await measureRounds(
    rounds,
    () => p99Of(scene),
    () => p99Of(idle),
    (n, { ours, theirs }) => onProgress(`waiters, others: round ${n} of ${rounds}: ${(theirs / ours).toFixed(2)}`),
  );
  return {
    ...verdict('waiters, others', '99th percentile of the lists of others without / beside those who wait', {
      ratios: measured.map(({ ours, theirs }) => theirs / ours),
      context: [
        `beside them ${milliseconds(median(measured.map(({ ours }) => ours)))}, without ${milliseconds(median(measured.map(({ theirs }) => theirs)))}, ${LOAD.perSecond} requests/s`,
      ],
    }),
    target: 1 / OTHERS_FACTOR,
  };
}

/** Of others while all are told. To commit a change of all spaces keeps this thread from asking, so that comes first. */
async function listsOfOthers(
  scene: WaitersScene,
  clients: Clients,
  change: () => Promise<number>,
): Promise<readonly number[]> {
  let load: SteadyLoad | undefined;
  await lastAnswer(clients, async () => {
    const changedAt = await change();
    load = startLoad(scene);
    return changedAt;
  });
  return (await load?.stop()) ?? [];
}

function startLoad({ daemon, other }: WaitersScene) {
  return startSteadyLoad({ url: `${daemon.url}v2/image`, authorization: `Bearer ${other}`, ...LOAD });
}

async function warmUp(
  clients: Clients,
  { port }: LoggedProcess,
  tokens: readonly string[],
  change: () => Promise<number>,
  allWait: (count: number) => Promise<void>,
): Promise<void> {
  const some = tokens.slice(0, WARM_UP_CLIENTS);
  await clients.open(port, some);
  for (let n = 0; n < 2; n++) {
    await allWait(some.length);
    await clients.answersTo(change);
  }
  await clients.close();
  await allWait(0);
}

/** What each of these clients adds to a process, once all of them wait. */
async function memoryOfEach(
  clients: Clients,
  server: LoggedProcess,
  tokens: readonly string[],
  allWait: (count: number) => Promise<void>,
): Promise<Memory> {
  const before = await memoryOf(server);
  await clients.open(server.port, tokens);
  await allWait(tokens.length);
  const after = await memoryOf(server);
  return {
    heapBytes: (after.heapBytes - before.heapBytes) / tokens.length,
    residentBytes: (after.residentBytes - before.residentBytes) / tokens.length,
  };
}

/** From the change, which says when it was made, to the last client's answer. */
async function lastAnswer(clients: Clients, change: () => Promise<number>): Promise<number> {
  let changedAt = 0;
  const answers = await clients.answersTo(async () => {
    changedAt = await change();
  });
  return (answers.at(-1) ?? Number.NaN) - changedAt;
}

async function untilWaiting(scene: WaitersScene, wanted: number): Promise<void> {
  while ((await scene.metric(WAITING)) !== wanted) await delay(LOOK_EVERY_MS);
}

function verdict(
  name: string,
  meaning: string,
  { ratios, context }: { readonly ratios: readonly number[]; readonly context: readonly string[] },
): Verdict {
  return { name, meaning, ratio: median(ratios), ratios, target: 1, context };
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
