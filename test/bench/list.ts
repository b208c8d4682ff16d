import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeMachine } from '../../src/demo/machine.js';
import { makeOva } from '../../src/demo/ova.js';
import { makeSharedDirectory } from '../support/awkward-tree.js';
import { createCleanup } from '../support/cleanup.js';
import { installOvadex } from '../support/process/ovadex.js';
import { startApache } from '../support/servers/apache.js';
import { startServerProcess } from '../support/servers/server-process.js';
import { answersPerSecond, loadTool, onCore, SERVER_CORE } from './load.js';
import { measureRounds, median, type Verdict } from './ratios.js';

export interface ListBenchOptions {
  readonly rounds: number;
  readonly secondsEach: number;
  readonly onProgress: (text: string) => void;
}

/** An answer as the bare server repeats it. */
export interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Base64. */
  readonly body: string;
}

/** A request that is made again and again. */
interface Case {
  readonly name: string;
  readonly meaning: string;
  readonly target: number;
  /** Of the space. */
  readonly images: number;
  /** Of the answer. */
  readonly listed: number;
  readonly isConditional?: boolean;
  /** The images are archives that have been read. */
  readonly isDescribed?: boolean;
  /** As in `LoadOptions`; null: all requests are for the whole list. */
  readonly changing: string | null;
  /** What is asked for then by one of the requests. */
  readonly query?: string;
}

const CASES: readonly Case[] = [
  // A usual personal space, and a very large one.
  { name: 'list', meaning: 'GET /v2/image with 12 images', target: 0.88, images: 12, listed: 12, changing: null },
  {
    name: 'list, include',
    meaning: 'the same with include=ovf, all of which have been read',
    target: 0.8,
    images: 12,
    listed: 12,
    isDescribed: true,
    changing: null,
    query: '?include=ovf',
  },
  {
    name: 'list, long',
    meaning: 'the same with 1,000 images',
    target: 0.95,
    images: 1_000,
    listed: 1_000,
    changing: null,
  },
  {
    name: 'list, 304',
    meaning: '304 to its ETag',
    target: 0.88,
    images: 12,
    listed: 0,
    isConditional: true,
    changing: null,
  },
  {
    name: 'list, filtered',
    meaning: 'a filter and an order that change at every call, over 500 images',
    target: 0.4,
    images: 500,
    listed: 11, // 25 and 250 to 259
    changing: 'sort=updated_on,desc',
    query: '?name=vmx25&sort=updated_on,desc&filter=id,lt,1000000',
  },
];

/** What runs often is compiled by then. */
const WARM_UP_SECONDS = 2;
/** No image may still be written to, as far as its date tells. */
const LONG_AGO = new Date('2024-01-15T12:00:00Z');
/** Twelve small archives on this very machine. */
const DESCRIBED_WITHIN_MS = 30_000;
const BARE_SERVER = fileURLToPath(new URL('./bare-server.ts', import.meta.url));
/** node:http writes these itself. */
const FRAMING = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding']);

/**
 * `GET /v2/image`, through the real program with a real token and index, against bare node:http
 * that sends the very same bytes and headers. One server core, the load on another one.
 */
export async function benchList(options: ListBenchOptions): Promise<Verdict[]> {
  const directory = makeSharedDirectory();
  const spacesOfCases = new Map(CASES.map((each) => [folderOf(each), each]));
  for (const [folder, { images, isDescribed = false }] of spacesOfCases) {
    mkdirSync(join(directory, folder));
    for (let n = 1; n <= images; n++) {
      const file = join(directory, folder, `Ubuntu_64-bit-vmx${n}.ova`);
      writeFileSync(file, isDescribed ? await makeOva(makeMachine(`Ubuntu ${n}`, folder)) : `image ${n}`);
      utimesSync(file, LONG_AGO, LONG_AGO);
    }
  }
  const cleanup = createCleanup();
  cleanup.add(() => rmSync(directory, { recursive: true }));

  try {
    const apache = await startApache({ directory });
    cleanup.add(apache.stop);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    const spaces = [...spacesOfCases.keys()].map((folder) => {
      return { user: folder, url: `${apache.url}${folder}/` };
    });
    ovadex.configure({ spaces, log: { level: 'warn' } });
    await ovadex.json('sync', '--all', '--full');
    const real = await ovadex.serve({ wrap: (program, args) => onCore(SERVER_CORE, program, args) });
    cleanup.add(real.stop);
    const verdicts: Verdict[] = [];
    for (const each of CASES) {
      if (each.changing !== null && loadTool() !== 'wrk') {
        options.onProgress(`${each.name}: left out, requests that change are made by wrk`);
        continue;
      }
      const { token } = await ovadex.createToken(folderOf(each));
      if (each.isDescribed === true) await allDescribed(real.url, token);
      const recording = join(directory, `${each.name}.json`);
      verdicts.push(await benchCase(each, { ...options, url: real.url, token, recording }));
    }
    return verdicts;
  } finally {
    await cleanup.run();
  }
}

/** The folder of a case's images, which is also the name of their user. */
function folderOf({ images, isDescribed = false }: Case): string {
  return `${images}${isDescribed ? '-described' : ''}`;
}

/** Waits until all images of a list say what they are. */
async function allDescribed(url: string, token: string): Promise<void> {
  for (const until = Date.now() + DESCRIBED_WITHIN_MS; ; await delay(100)) {
    const { body } = await record(`${url}v2/image?include=ovf`, { authorization: `Bearer ${token}` });
    const text = Buffer.from(body, 'base64').toString();
    const { data } = JSON.parse(text) as { data: { state: string; ovf: object | null }[] };
    if (data.every(({ state, ovf }) => state === 'ok' && ovf !== null)) return;
    if (Date.now() > until) throw new Error(`not all images have been read: ${text}`);
  }
}

async function benchCase(
  {
    name,
    meaning,
    target,
    listed,
    isConditional = false,
    changing = null,
    query = '',
  }: Case & { changing?: string | null },
  options: ListBenchOptions & { readonly url: string; readonly token: string; readonly recording: string },
): Promise<Verdict> {
  const { rounds, secondsEach, onProgress, recording } = options;
  const path = `v2/image${query}`;
  const headers: Record<string, string> = { authorization: `Bearer ${options.token}` };
  const whole = await record(options.url + path, headers);
  if (isConditional) headers['if-none-match'] = String(whole.headers['etag']);
  const answer = isConditional ? await record(options.url + path, headers) : whole;
  assertSame(answer, isConditional ? 304 : 200, listed);
  writeFileSync(recording, JSON.stringify(answer));

  const bare = await startServerProcess(({ port }) => {
    const args = ['--import', 'tsx', BARE_SERVER, `${port}`, recording];
    const [program, rest] = onCore(SERVER_CORE, process.execPath, args);
    return { program, args: rest };
  });
  try {
    assertSame(await record(bare.url + path, headers), answer.status, listed);
    const load = (base: string, seconds: number) =>
      answersPerSecond({ url: `${base}v2/image${changing === null ? query : ''}`, headers, seconds, changing });
    for (const base of [options.url, bare.url]) await load(base, WARM_UP_SECONDS);
    const measured = await measureRounds(
      rounds,
      () => load(options.url, secondsEach),
      () => load(bare.url, secondsEach),
      (n, { ours, theirs }) => onProgress(`${name}: round ${n} of ${rounds}: ${(ours / theirs).toFixed(2)}`),
    );
    const ratios = measured.map(({ ours, theirs }) => ours / theirs);
    return {
      name,
      meaning: `answers a second: ${meaning} / bare node:http with the same bytes`,
      ratio: median(ratios),
      ratios,
      target,
      context: [
        `${Buffer.from(answer.body, 'base64').length} bytes, load by ${loadTool()}`,
        `ovadex ${perSecond(measured.map(({ ours }) => ours))}, bare node:http ${perSecond(measured.map(({ theirs }) => theirs))}`,
      ],
    };
  } finally {
    await bare.stop();
  }
}

async function record(url: string, given: Readonly<Record<string, string>>): Promise<RecordedAnswer> {
  const response = await fetch(url, { headers: { ...given, 'accept-encoding': 'identity' } });
  const body = Buffer.from(await response.arrayBuffer());
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !FRAMING.has(name)));
  return { status: response.status, headers, body: body.toString('base64') };
}

/** Throws unless the answer has this status and so many images; 304 has none. */
function assertSame({ status, body }: RecordedAnswer, wanted: number, listed: number): void {
  const text = Buffer.from(body, 'base64').toString();
  if (status !== wanted) throw new Error(`answered ${status} instead of ${wanted}: ${text}`);
  const images = text === '' ? 0 : (JSON.parse(text) as { data: unknown[] }).data.length;
  if (images !== listed) throw new Error(`${images} images instead of ${listed}: ${text}`);
}

function perSecond(values: readonly number[]): string {
  return `${Math.round(median(values))} answers/s`;
}
