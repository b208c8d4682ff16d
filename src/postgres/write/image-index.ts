import type { Clock } from '../../domain/ports/clock.js';
import type { ContentWriter, ImageIndex } from '../../domain/ports/image-index.js';
import type { Lease } from '../../domain/ports/sync-log.js';
import type { Database, Session } from '../connection/database.js';
import { countBatch, newBatch } from '../content/batch.js';
import { writeCommits } from '../content/commit-writer.js';
import { type HeldSpace, lockHeld, prolong } from '../content/held-space.js';
import { distrust, outdate, prove } from '../content/marker-writer.js';
import { rename } from '../content/rename.js';
import { showFound } from '../content/show-found.js';
import { createKnownContent } from '../read/known-content.js';

/** Creates what the crawler reads and writes. Rejects with OvadexError `conflict` or `index`. */
export function createImageIndex(db: Database, clock: Clock): ImageIndex {
  const holding = <T>(lease: Lease, work: (session: Session, space: HeldSpace) => Promise<T>): Promise<T> =>
    db.write(async (session) => {
      const begun = performance.now();
      const space = await lockHeld(session, lease);
      const done = await work(session, space);
      await prolong(session, space, performance.now() - begun);
      return done;
    });
  const writer: ContentWriter = {
    commit: (lease, commits) =>
      holding(lease, async (session, space) => {
        const batch = newBatch(session, space, clock());
        await writeCommits(batch, commits);
        return countBatch(batch);
      }),
    show: (lease, images, unsettled) =>
      holding(lease, async (session, space) => {
        const batch = newBatch(session, space, clock());
        await showFound(batch, images, unsettled);
        return countBatch(batch);
      }),
    rename: (lease, from, to) =>
      holding(lease, (session, space) => rename(newBatch(session, space, clock()), from, to)),
    prove: (lease, collections) => holding(lease, (session, { id }) => prove(session, id, collections)),
    distrust: (lease, collection) => holding(lease, (session, { id }) => distrust(session, id, collection)),
    outdate: (lease, collection) => holding(lease, (session, { id }) => outdate(session, id, collection)),
  };
  return { ...createKnownContent(db, clock), ...writer };
}
