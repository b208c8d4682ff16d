import type { Database } from 'better-sqlite3';
import type { Clock } from '../../domain/ports/clock.js';
import type { CollectionCommit, ImageIndex } from '../../domain/ports/image-index.js';
import { openFileOf } from './open-file.js';
import { ThreadEnded, type WritingThread } from './writing-thread.js';

/** Commits to an index, the large ones of which are written by a thread of their own. */
export interface LargeCommits extends Pick<ImageIndex, 'commit'> {
  /** Resolves once nothing is being written any more, and the thread has closed the file. */
  close(): Promise<void>;
}

export interface LargeCommitsOptions {
  readonly thread: WritingThread;
  /** Rows from which on a commit is large. */
  readonly largeFrom?: number;
}

/**
 * Rows from which on a commit goes to the thread: some 8 ms of writing. In a first crawl of 2,500 collections at a storage that
 * answers as fast as it can, commits are 0.2 of 0.6 s of the crawler's processor time; by a second thread they cost a tenth
 * more, and the crawl takes a ninth less time. What is smaller is written before it would have arrived there.
 */
const LARGE_FROM_ROWS = 1_000;
/** A huge collection is written where it is, since the thread would have a copy of it: of 300,000 images that is 90 MB. */
const HUGE_FROM_ROWS = 30_000;

type Place = 'here' | 'thread' | 'here, after the thread';

/**
 * Creates the commits of an index that is open here as `db`: `here` writes those that are small, huge, or of whole subtrees, the
 * thread the others, through a connection of its own, one at a time. Nothing is written here while the thread is at one: it
 * would wait for the thread's lock, and let nothing else be done. What a thread has left without an answer is written here.
 * `db` sees a commit once it has resolved, and `onCommit` is called then. Rejects as `ContentWriter.commit` does.
 */
export function createLargeCommits(
  db: Database,
  {
    here,
    clock,
    replicated,
    onCommit = () => undefined,
    thread,
    largeFrom = LARGE_FROM_ROWS,
  }: {
    readonly here: Pick<ImageIndex, 'commit'>;
    readonly clock: Clock;
    readonly replicated: boolean;
    readonly onCommit?: (() => void) | undefined;
  } & LargeCommitsOptions,
): LargeCommits {
  const to = openFileOf(db, { replicated });
  let underWay = 0;
  let last: Promise<unknown> = Promise.resolve();
  let isOpenThere = false;

  const commitThere: ImageIndex['commit'] = async (lease, commits) => {
    isOpenThere = true;
    underWay += 1;
    try {
      const counts = thread.commit({ to, lease, commits }, clock);
      last = counts.catch(() => undefined);
      await counts;
      onCommit();
      return await counts;
    } finally {
      underWay -= 1;
    }
  };

  return {
    async commit(lease, commits) {
      const place = placeOf(commits, { largeFrom, isBusy: underWay > 0 });
      if (place === 'here, after the thread') await last;
      if (place !== 'thread') return await here.commit(lease, commits);
      try {
        return await commitThere(lease, commits);
      } catch (error) {
        // It is all there or nothing is, and to write it again changes nothing.
        if (error instanceof ThreadEnded) return await here.commit(lease, commits);
        throw error;
      }
    },
    async close() {
      // A thread that has ended has closed it.
      if (isOpenThere) await thread.leave(to.file).catch(() => undefined);
    },
  };
}

/** Where a commit is written. */
export function placeOf(
  commits: readonly CollectionCommit[],
  { largeFrom, isBusy }: { readonly largeFrom: number; readonly isBusy: boolean },
): Place {
  const rows = rowsOf(commits);
  // With a subtree go all rows below it, however many: nobody else could write meanwhile.
  const isOnlyHere = rows >= HUGE_FROM_ROWS || commits.some(concernsSubtrees);
  if (isOnlyHere) return isBusy ? 'here, after the thread' : 'here';
  return isBusy || rows >= largeFrom ? 'thread' : 'here';
}

function concernsSubtrees({ changes, absent, unproven, present }: CollectionCommit): boolean {
  return absent.length + unproven.length + present.length + changes.rejudged.length > 0;
}

/** Rows that a commit may write itself, roughly. */
function rowsOf(commits: readonly CollectionCommit[]): number {
  let rows = commits.length;
  for (const { changes } of commits) {
    const { appeared, altered, disappeared, collections, settled } = changes;
    rows += appeared.length + altered.length + disappeared.length + collections.length + settled.length;
  }
  return rows;
}
