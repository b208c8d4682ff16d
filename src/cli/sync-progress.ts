import cliProgress from 'cli-progress';
import { paceOf, type Sync } from '../domain/sync.js';
import { printable, type Terminal, writeLines } from './io.js';

export interface SyncProgressView {
  update(sync: Sync): void;
  /** Leaves the last state standing. */
  end(): void;
}

/** Where several syncs stand together. */
export interface ProgressTotals {
  readonly spaces: number;
  readonly images: number;
  readonly requests: number;
  readonly listed: number;
  /** Collections to list in all, as far as they are known. */
  readonly collections: number;
  readonly perSecond: number;
  /** Until the last one ends; null while any doesn't know. */
  readonly secondsLeft: number | null;
}

/** Adds up; a collection that could not be listed is done with, too. */
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

/** A bar on a terminal, and lines now and then elsewhere. */
export function createSyncProgress(stderr: Terminal, clock: () => number = Date.now): SyncProgressView {
  return stderr.isTTY === true ? createBar(stderr, clock) : createLines(stderr, clock);
}

function createBar(stream: Terminal, clock: () => number): SyncProgressView {
  const latest = new Map<string, Sync>();
  const bar = new cliProgress.SingleBar({
    stream,
    format: '{bar} {percentage}%  {value}/{total} collections  {images} images  {requests} requests  {pace}  {who}',
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    linewrap: false,
  });
  bar.start(1, 0, { images: 0, requests: 0, pace: '', who: '' });
  return {
    update(sync) {
      latest.set(sync.user, sync);
      const totals = totalsOf(latest.values(), clock());
      const { spaces, images, requests, listed, collections } = totals;
      bar.setTotal(Math.max(1, collections));
      const who = spaces === 1 ? printable(sync.user) : `${spaces} spaces`;
      bar.update(listed, { images, requests, pace: paceText(totals), who });
    },
    end: () => bar.stop(),
  };
}

/** Often enough to see that a large space moves, seldom enough for a log. */
const COLLECTIONS_PER_LINE = 1_000;

function createLines(stream: Terminal, clock: () => number): SyncProgressView {
  const nextLineAt = new Map<string, number>();
  return {
    update(sync) {
      const totals = totalsOf([sync], clock());
      const { listed, collections, images, requests } = totals;
      const next = nextLineAt.get(sync.user) ?? 0;
      if (listed < next) return;
      nextLineAt.set(sync.user, listed + COLLECTIONS_PER_LINE);
      const done = `${listed} of ${collections} collections, ${images} images, ${requests} requests`;
      writeLines(stream, `${printable(sync.user)}: ${done}, ${paceText(totals)}`);
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
