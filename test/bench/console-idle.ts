import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDaemon } from '../kills/daemon.js';
import { createCleanup } from '../support/cleanup.js';
import { installOvadex } from '../support/process/ovadex.js';
import { residentBytesOf } from '../support/process/usage.js';
import { buildIndex } from './bulk-index.js';
import { answersPerSecond } from './load.js';
import { processorClockOf } from './processor-time.js';
import { median, type Verdict } from './ratios.js';

export interface ConsoleIdleBenchOptions {
  readonly spaces: number;
  /** Of each space. */
  readonly images: number;
  readonly rounds: number;
  readonly secondsEach: number;
  readonly onProgress: (text: string) => void;
}

interface Figures {
  /** Processor time from the start to ready. */
  readonly startMs: number;
  readonly restBytes: number;
  /** Processor time of one answer, under full load. */
  readonly answerMs: number;
}

/** The console may make nothing worse by more while nobody looks at it. */
const MOST_WORSE = 1.03;
const REST_AFTER_MS = 3_000;
/** What runs often is compiled by then. */
const WARM_UP_SECONDS = 2;

/** What the console costs a daemon at which nobody has ever opened it, against one that has none. */
export async function benchConsoleIdle(options: ConsoleIdleBenchOptions): Promise<readonly Verdict[]> {
  const { spaces, images, rounds, secondsEach, onProgress } = options;
  const cleanup = createCleanup();
  try {
    const index = buildIndex({ spaces, images });
    cleanup.add(index.remove);
    const ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    const configure = (console: boolean) =>
      ovadex.configure({
        server: { console },
        data: { directory: dirname(index.file) },
        storage: { url: 'http://dav.test/{user}/' },
        spaces: Array.from({ length: spaces }, (_, n) => ({ user: `user${n}` })),
      });
    configure(true);
    const { token } = await ovadex.createToken('user0');
    const measured: { readonly isOn: boolean; readonly figures: Figures }[] = [];
    for (let n = 1; n <= rounds; n++) {
      // Whatever the machine does meanwhile hits both.
      for (const isOn of n % 2 === 1 ? [true, false] : [false, true]) {
        configure(isOn);
        measured.push({ isOn, figures: await measureDaemon(ovadex.argv('serve'), token, secondsEach) });
      }
      onProgress(`console, idle: round ${n} of ${rounds}`);
    }
    const verdict = (
      name: string,
      what: string,
      of: (figures: Figures) => number,
      inWords: (value: number) => string,
    ) => verdictOf(name, what, { on: valuesOf(measured, true, of), off: valuesOf(measured, false, of) }, inWords);
    return [
      verdict(
        'console, start',
        'processor time from the start to ready',
        ({ startMs }) => startMs,
        (ms) => `${ms.toFixed(0)} ms`,
      ),
      verdict(
        'console, memory',
        'memory at rest',
        ({ restBytes }) => restBytes,
        (bytes) => `${(bytes / 1e6).toFixed(1)} MB`,
      ),
      verdict(
        'console, answers',
        'processor time of a list',
        ({ answerMs }) => answerMs,
        (ms) => `${(ms * 1_000).toFixed(1)} µs`,
      ),
    ];
  } finally {
    await cleanup.run();
  }
}

function valuesOf(
  measured: readonly { readonly isOn: boolean; readonly figures: Figures }[],
  wanted: boolean,
  of: (figures: Figures) => number,
): readonly number[] {
  return measured.filter(({ isOn }) => isOn === wanted).map(({ figures }) => of(figures));
}

/** Judges medians: two starts of the same program differ by more than the console could cost. */
function verdictOf(
  name: string,
  what: string,
  { on, off }: Readonly<Record<'on' | 'off', readonly number[]>>,
  inWords: (value: number) => string,
): Verdict {
  return {
    name,
    meaning: `${what}, without the console / with it and nobody there: medians of all rounds`,
    ratio: median(off) / median(on),
    ratios: on.map((value, n) => (off[n] ?? Number.NaN) / value),
    target: 1 / MOST_WORSE,
    context: [`${inWords(median(on))} with the console, ${inWords(median(off))} without`],
  };
}

async function measureDaemon(argv: readonly string[], token: string, seconds: number): Promise<Figures> {
  const daemon = startDaemon(argv);
  const taken = processorClockOf(daemon.child.pid);
  try {
    const url = await daemon.ready();
    if (url === null) throw new Error(`the daemon did not come up: ${daemon.log()}`);
    const startMs = taken();
    await delay(REST_AFTER_MS);
    const restBytes = residentBytesOf(daemon.child.pid);
    const load = { url: `${url}/v2/image`, headers: { authorization: `Bearer ${token}` }, changing: null };
    await answersPerSecond({ ...load, seconds: WARM_UP_SECONDS });
    const before = taken();
    const perSecond = await answersPerSecond({ ...load, seconds });
    return { startMs, restBytes, answerMs: (taken() - before) / (perSecond * seconds) };
  } finally {
    daemon.child.kill('SIGTERM');
    await daemon.exited;
  }
}
