import cliProgress from 'cli-progress';
import type { SyncProgress } from '../domain/sync.js';
import { printable, type Terminal, writeLines } from './io.js';

export interface SyncProgressView {
  update(progress: SyncProgress): void;
  /** Leaves the last state standing. */
  end(): void;
}

/** Where several syncs stand together. */
export interface ProgressTotals {
  readonly spaces: number;
  readonly images: number;
  readonly listed: number;
  /** Collections to list in all, as far as they are known. */
  readonly collections: number;
}

/** Adds up; a collection that could not be listed is done with, too. */
export function totalsOf(progresses: Iterable<SyncProgress>): ProgressTotals {
  let totals: ProgressTotals = { spaces: 0, images: 0, listed: 0, collections: 0 };
  for (const { counts, waiting, expected } of progresses) {
    const listed = counts.collections + counts.failures;
    totals = {
      spaces: totals.spaces + 1,
      images: totals.images + counts.images,
      listed: totals.listed + listed,
      collections: totals.collections + Math.max(listed + waiting, expected ?? 0),
    };
  }
  return totals;
}

/** A bar on a terminal, and lines now and then elsewhere. */
export function createSyncProgress(stderr: Terminal): SyncProgressView {
  return stderr.isTTY === true ? createBar(stderr) : createLines(stderr);
}

function createBar(stream: Terminal): SyncProgressView {
  const latest = new Map<string, SyncProgress>();
  const bar = new cliProgress.SingleBar({
    stream,
    format: '{bar} {percentage}%  {value}/{total} collections  {images} images  {who}',
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    linewrap: false,
  });
  bar.start(1, 0, { images: 0, who: '' });
  return {
    update(progress) {
      latest.set(progress.user, progress);
      const { spaces, images, listed, collections } = totalsOf(latest.values());
      bar.setTotal(Math.max(1, collections));
      bar.update(listed, { images, who: spaces === 1 ? printable(progress.user) : `${spaces} spaces` });
    },
    end: () => bar.stop(),
  };
}

/** Often enough to see that a large space moves, seldom enough for a log. */
const COLLECTIONS_PER_LINE = 1_000;

function createLines(stream: Terminal): SyncProgressView {
  const nextLineAt = new Map<string, number>();
  return {
    update(progress) {
      const { listed, collections, images } = totalsOf([progress]);
      const next = nextLineAt.get(progress.user) ?? 0;
      if (listed < next) return;
      nextLineAt.set(progress.user, listed + COLLECTIONS_PER_LINE);
      writeLines(stream, `${printable(progress.user)}: ${listed} of ${collections} collections, ${images} images`);
    },
    end: () => {},
  };
}
