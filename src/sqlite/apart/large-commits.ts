import type { Database } from 'better-sqlite3';
import type { Clock } from '../../domain/ports/clock.js';
import type { CollectionCommit, ImageIndex } from '../../domain/ports/image-index.js';
import { openFileOf } from './open-file.js';
import { type WritingThread, writingThread } from './writing-thread.js';

/** Commits to an index, the large ones of which are written by a thread of their own. */
export interface LargeCommits extends Pick<ImageIndex, 'commit'> {
  /** Resolves once nothing is being written any more, and the thread has closed the file. */
  close(): Promise<void>;
}

export interface LargeCommitsOptions {
  /** Rows from which on a commit is large. */
  readonly largeFrom?: number;
  readonly thread?: WritingThread;
}

/**
 * Rows from which on a commit goes to the thread: some 8 ms of writing. In a first crawl of 2,500 collections at a storage that
 * answers as fast as it can, commits are 0.2 of 0.6 s of the crawler's processor time; by a second thread they cost a tenth
 * more, and the crawl takes a ninth less time. What is smaller is written before it would have arrived there.
 */
const LARGE_FROM_ROWS = 1_000;
/** A huge collection is written where it is, since the thread would have a copy of it: of 300,000 images that is 90 MB. */
const HUGE_FROM_ROWS = 30_000;

/**
 * Creates the commits of an index that is open here as `db`: `here` writes the small ones and the huge ones, the thread those
 * between, through a connection of its own, one at a time. While it is at one, what is small goes there, too: here it would
 * wait for the thread's lock, and let nothing else be done. `db` sees a commit once it has resolved. Rejects as
 * `ContentWriter.commit` and `WritingThread.commit` do.
 */
export function createLargeCommits(
  db: Database,
  {
    here,
    clock,
    replicated,
    largeFrom = LARGE_FROM_ROWS,
    thread = writingThread,
  }: {
    readonly here: Pick<ImageIndex, 'commit'>;
    readonly clock: Clock;
    readonly replicated: boolean;
  } & LargeCommitsOptions,
): LargeCommits {
  const to = openFileOf(db, { replicated });
  let underWay = 0;
  let isOpenThere = false;

  return {
    async commit(lease, commits) {
      const rows = rowsOf(commits);
      const isHere = rows >= HUGE_FROM_ROWS || (underWay === 0 && rows < largeFrom);
      if (isHere) return await here.commit(lease, commits);
      isOpenThere = true;
      underWay += 1;
      try {
        return await thread.commit({ to, now: clock(), lease, commits });
      } finally {
        underWay -= 1;
      }
    },
    async close() {
      if (isOpenThere) await thread.leave(to.file);
    },
  };
}

/** Rows that a commit may write, roughly: what it removes with a collection isn't counted. */
function rowsOf(commits: readonly CollectionCommit[]): number {
  let rows = commits.length;
  for (const { changes } of commits) {
    const { appeared, altered, disappeared, collections, settled } = changes;
    rows += appeared.length + altered.length + disappeared.length + collections.length + settled.length;
  }
  return rows;
}
