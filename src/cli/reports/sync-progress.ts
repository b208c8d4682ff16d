import cliProgress from 'cli-progress';
import { paceOf, type Sync } from '../../domain/model/sync.js';
import { counted, grouped } from '../../domain/text/counted.js';
import { printable, type Terminal, writeLines } from '../terminal/io.js';

export interface SyncProgressView {
  /** Begins with this number of spaces: the progress of a single one is counted in collections, of several in spaces. */
  start(spaces: number): void;
  update(sync: Sync): void;
  ended(sync: Sync): void;
  /** Ends the display and leaves the last state visible. */
  end(): void;
}

/** The combined progress of several syncs. */
export interface ProgressTotals {
  readonly spaces: number;
  readonly images: number;
  readonly requests: number;
  readonly listed: number;
  /** Collections to list in total, as far as known. */
  readonly collections: number;
  readonly perSecond: number;
  /** Seconds until the last sync ends; null while one can't tell. */
  readonly secondsLeft: number | null;
}

/** Adds up the progress of syncs; a collection that could not be listed counts as done. */
export function totalsOf(syncs: Iterable<Sync>, now: number): ProgressTotals {
  const totals = { spaces: 0, images: 0, requests: 0, listed: 0, collections: 0, perSecond: 0 };
  let secondsLeft: number | null = 0;
  for (const sync of syncs) {
    const { counts, waiting, expected } = sync;
    const pace = paceOf(sync, now);
    const listed = counts.collections + counts.failures;
    totals.spaces += 1;
    totals.images += counts.images;
    totals.requests += counts.requests;
    totals.listed += listed;
    totals.collections += Math.max(listed + waiting, expected ?? 0);
    totals.perSecond += pace.perSecond ?? 0;
    secondsLeft = secondsLeft === null || pace.secondsLeft === null ? null : Math.max(secondsLeft, pace.secondsLeft);
  }
  return { ...totals, secondsLeft: totals.spaces === 0 ? null : secondsLeft };
}

/** Shows progress as a bar on a terminal, and as occasional lines elsewhere. */
export function createSyncProgress(stderr: Terminal, clock: () => number = Date.now): SyncProgressView {
  const show = stderr.isTTY === true ? createBar(stderr) : createLines(stderr, clock);
  let tally = createTally(1, clock);
  return {
    start(spaces) {
      tally = createTally(spaces, clock);
    },
    update(sync) {
      tally.note(sync);
      show.show(sync, tally.overall());
    },
    ended(sync) {
      tally.end(sync);
      if (tally.overall().of > 1) show.show(sync, tally.overall());
    },
    end: () => show.end(),
  };
}

/** The state of all syncs. */
interface OverallProgress {
  /** Spaces that are finished. */
  readonly done: number;
  /** Spaces in total. */
  readonly of: number;
  readonly totals: ProgressTotals;
}

/** Keeps a running total of the thousands of finished syncs, so that only the few running ones are added up each time. */
function createTally(of: number, clock: () => number) {
  const startedAt = clock();
  const running = new Map<string, Sync>();
  const past = { done: 0, images: 0, requests: 0 };
  return {
    note: (sync: Sync) => void running.set(sync.user, sync),
    end({ user, counts: { images, requests } }: Sync) {
      running.delete(user);
      past.done += 1;
      past.images += images;
      past.requests += requests;
    },
    overall(): OverallProgress {
      const now = clock();
      const totals = totalsOf(running.values(), now);
      const { done } = past;
      const images = totals.images + past.images;
      const pace = of === 1 ? totals : paceOfSpaces(done, of, now - startedAt);
      return { done, of, totals: { ...totals, ...pace, images, requests: totals.requests + past.requests } };
    },
  };
}

/** Spaces per second, and the time left at that pace. */
function paceOfSpaces(done: number, of: number, elapsedMs: number): Pick<ProgressTotals, 'perSecond' | 'secondsLeft'> {
  if (done === 0 || elapsedMs === 0) return { perSecond: 0, secondsLeft: null };
  const perSecond = (done * 1_000) / elapsedMs;
  return { perSecond, secondsLeft: (of - done) / perSecond };
}

interface Showing {
  show(sync: Sync, overall: OverallProgress): void;
  end(): void;
}

function createBar(stream: Terminal): Showing {
  const bar = new cliProgress.SingleBar({
    stream,
    format: '{bar} {percentage}%  {value}/{total} {what}  {images} images  {requests} requests  {pace}  {who}',
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    linewrap: false,
  });
  bar.start(1, 0, { what: 'collections', images: 0, requests: 0, pace: '', who: '' });
  return {
    show(sync, { done, of, totals }) {
      const isOne = of === 1;
      const { images, requests, listed, collections } = totals;
      bar.setTotal(Math.max(1, isOne ? collections : of));
      const what = isOne ? 'collections' : 'spaces';
      const who = isOne ? printable(sync.user) : '';
      bar.update(isOne ? listed : done, { what, images, requests, pace: paceText(totals), who });
    },
    end: () => bar.stop(),
  };
}

/** Often enough to show that a large space makes progress, rarely enough for a log. */
const COLLECTIONS_PER_LINE = 1_000;
/** Interval of the lines about many spaces. */
const LINE_EVERY_MS = 10_000;

function createLines(stream: Terminal, clock: () => number): Showing {
  let nextCount = 0;
  let nextAt = clock() + LINE_EVERY_MS;
  return {
    show({ user }, { done, of, totals }) {
      const { listed, collections, images, requests } = totals;
      const found = `${counted(images, 'image')}, ${counted(requests, 'request')}, ${paceText(totals)}`;
      if (of > 1) {
        if (clock() < nextAt) return;
        nextAt = clock() + LINE_EVERY_MS;
        writeLines(stream, `${grouped(done)} of ${counted(of, 'space')}, ${found}`);
      } else if (listed >= nextCount) {
        nextCount = listed + COLLECTIONS_PER_LINE;
        const all = counted(collections, 'collection');
        writeLines(stream, `${printable(user)}: ${grouped(listed)} of ${all}, ${found}`);
      }
    },
    end: () => {},
  };
}

function paceText({ perSecond, secondsLeft }: ProgressTotals): string {
  const rate = `${Math.round(perSecond)}/s`;
  if (secondsLeft === null) return rate;
  const seconds = Math.ceil(secondsLeft);
  return `${rate}, ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} left`;
}
