import type { CollectionCommit, CommitCounts, ContentWriter } from '../../domain/ports/image-index.js';
import type { Lease } from '../../domain/ports/sync-log.js';

/**
 * Rows of neighbouring collections share pages of the index, and processor caches keep what they work on: commits of so
 * many collections, or of as many images as below, take a third fewer writes than those of 256, and a first crawl of 2,500
 * collections with 19,000 images a twentieth less processor time. A slow crawl doesn't wait for so many; it flushes once a
 * second.
 */
const COLLECTIONS_PER_COMMIT = 1_024;
/** A huge collection is committed by itself rather than kept in memory. */
const IMAGES_PER_COMMIT = 5_000;
/** The same of the files beside images, of which only names, sizes and dates are kept. */
const SIBLINGS_PER_COMMIT = 20_000;

export interface CommitBuffer {
  /** Adds a commit, and commits at once when enough are gathered. Rejects as `ContentWriter.commit` does. */
  add(commit: CollectionCommit): Promise<void>;
  /** Resolves once all that was added is committed. Rejects as `ContentWriter.commit` does, and for ever once it did. */
  flush(): Promise<void>;
}

/**
 * Creates a buffer that gathers the changes of several collections into one transaction. These are written one after the
 * other: a database may still be at one that the clock has begun when the walk ends, and what is written after the end of
 * a sync is refused.
 */
export function createCommitBuffer(
  index: Pick<ContentWriter, 'commit'>,
  lease: Lease,
  onCommitted: (counts: CommitCounts) => void,
): CommitBuffer {
  let commits: CollectionCommit[] = [];
  let images = 0;
  let siblings = 0;
  let written: Promise<void> = Promise.resolve();

  const flush = () => {
    if (commits.length === 0) return written;
    const batch = commits;
    commits = [];
    images = 0;
    siblings = 0;
    written = written.then(async () => onCommitted(await index.commit(lease, batch)));
    return written;
  };

  return {
    flush,
    async add(commit) {
      commits.push(commit);
      images += commit.changes.appeared.length + commit.changes.altered.length + commit.changes.disappeared.length;
      siblings += commit.changes.siblings?.length ?? 0;
      const isLarge = images >= IMAGES_PER_COMMIT || siblings >= SIBLINGS_PER_COMMIT;
      if (isLarge || commits.length >= COLLECTIONS_PER_COMMIT) await flush();
    },
  };
}
