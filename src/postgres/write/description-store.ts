import { countImages, type ImageCounts, noImages } from '../../domain/description/image-counts.js';
import { judgeState } from '../../domain/description/image-state.js';
import { READER, type Reading, type ReadingCost } from '../../domain/description/reading.js';
import { type ShortDescription, shortOf } from '../../domain/description/short-description.js';
import { isDescriptorName } from '../../domain/model/image.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { DescriptionStore, ImageToRead } from '../../domain/ports/description-store.js';
import { numberOfState, stateFrom } from '../../sql/image-states.js';
import { type SiblingRow, siblingsFromRows } from '../../sql/siblings.js';
import type { Database, Session } from '../connection/database.js';
import { storable, storableJson } from '../connection/storable.js';
import { forgetSearched } from '../content/marker-writer.js';
import { SHORT_COLUMNS, type ShortRow } from '../read/image-rows.js';

const IMAGE_TO_READ = `images.id, images.path, images.size_bytes AS "sizeBytes", images.etag, images.modified_at AS "modifiedAt"`;

/** The newest images of a space that wait for being read: no index has them in this order, which would cost every commit. */
const UNREAD_SQL = `SELECT ${IMAGE_TO_READ} FROM images
  WHERE space = $1 AND state IS NULL AND is_settled AND missing_since IS NULL
  ORDER BY modified_at DESC NULLS LAST, id DESC LIMIT $2`;

/** Images that were read by the rules with the numbers `$1`. */
const READ_BEFORE = `descriptions JOIN images ON images.id = descriptions.image
  WHERE descriptions.reader = ANY($1::bigint[]) AND descriptions.space = $2 AND images.is_settled AND images.missing_since IS NULL`;

interface FoundRow extends ShortRow {
  readonly name: string;
  readonly isSettled: boolean;
  readonly siblings: readonly SiblingRow[] | null;
  readonly state: number | null;
}

/** An image as it is described anew, in a space that is locked. */
interface Described {
  readonly spaceId: number;
  readonly id: number;
  readonly state: number;
  readonly short: readonly unknown[];
  readonly reading: Reading;
  readonly cost: ReadingCost;
  readonly reader: number;
  readonly now: number;
  /** By how much the counters of the space change, if readers see a difference. */
  readonly counts: ImageCounts | null;
}

/** Creates the store of what images are. Rejects with OvadexError `index`. */
export function createDescriptionStore(
  db: Database,
  { clock, reader = READER }: { readonly clock: Clock; readonly reader?: number },
): DescriptionStore {
  const olderReaders = Array.from({ length: reader - 1 }, (_, before) => before + 1);

  const findToRead = (spaceId: number, limit: number) =>
    db.read(async (session) => {
      // Only a space of which an image may wait is searched.
      const space = await session.row<{ revision: number }>(
        'SELECT revision FROM spaces WHERE id = $1 AND has_unread',
        [spaceId],
      );
      const unread = space === undefined ? [] : await session.rows<ImageToRead>(UNREAD_SQL, [spaceId, limit]);
      const rest = limit - unread.length;
      const readBefore =
        rest === 0 || olderReaders.length === 0
          ? []
          : await session.rows<ImageToRead>(`SELECT ${IMAGE_TO_READ} FROM ${READ_BEFORE} LIMIT $3`, [
              olderReaders,
              spaceId,
              rest,
            ]);
      return {
        images: [...unread, ...readBefore],
        allReadAt: unread.length === 0 && limit > 0 ? space?.revision : undefined,
      };
    });

  return {
    async toRead(spaceId, limit) {
      const { images, allReadAt } = await findToRead(spaceId, limit);
      // Apart, so that nobody waits for the search: a commit of anybody in between has raised the revision.
      if (allReadAt !== undefined) {
        await db.run('UPDATE spaces SET has_unread = false WHERE id = $1 AND revision = $2', [spaceId, allReadAt]);
      }
      return images;
    },

    async spacesToRead(spaceIds) {
      const rows = await db.rows<{ id: number }>(
        `SELECT id FROM spaces WHERE id = ANY($2::bigint[]) AND (has_unread AND images > 0
           OR EXISTS (SELECT FROM ${READ_BEFORE.replace('$2', 'spaces.id')}))`,
        [olderReaders, spaceIds],
      );
      return new Set(rows.map(({ id }) => id));
    },

    store: (spaceId, image, reading, cost) =>
      db.write(async (session) => {
        // What the image and its folder are is asked once nobody else can write to the space.
        await session.run('SELECT FROM spaces WHERE id = $1 FOR NO KEY UPDATE', [spaceId]);
        const found = await findAsListed(session, spaceId, image);
        if (found === undefined) return false;
        const { name, isSettled } = found;
        const siblings = found.siblings === null ? null : siblingsFromRows(found.siblings);
        const { state } = judgeState({ name, isSettled: true }, reading, siblings);
        const short = shortToRow(shortOf(reading));
        const number = numberOfState(state);
        const [shownBefore, shown] = [stateFrom(isSettled, found.state), stateFrom(isSettled, number)];
        const counts = noImages();
        countImages(counts, shownBefore, -1);
        countImages(counts, shown, 1);
        const isSame = shownBefore === shown && isSameShort(shortOfRow(found), short);
        const described = { spaceId, id: image.id, state: number, short, reading, cost, reader };
        await describe(session, { ...described, now: clock(), counts: isSame ? null : counts });
        // A file that lacks may have come between the listing and the last search.
        if (state === 'incomplete' && isDescriptorName(name)) await forgetSearched(session, spaceId);
        return true;
      }),
  };
}

/** Finds an image that is still as it was read; see `isAltered`. */
function findAsListed(session: Session, spaceId: number, image: ImageToRead): Promise<FoundRow | undefined> {
  const { id, path, sizeBytes, etag, modifiedAt } = image;
  return session.row<FoundRow>(
    `SELECT images.name, images.is_settled AS "isSettled", collections.siblings, images.state, ${SHORT_COLUMNS}
     FROM images LEFT JOIN collections ON collections.id = images.collection
     WHERE images.id = $1 AND images.space = $2 AND images.path = $3 AND images.missing_since IS NULL
       AND images.size_bytes IS NOT DISTINCT FROM $4 AND images.modified_at IS NOT DISTINCT FROM $5
       AND (images.modified_at IS NOT NULL OR images.etag IS NOT DISTINCT FROM $6)`,
    [id, spaceId, path, sizeBytes, modifiedAt, etag],
  );
}

async function describe(session: Session, described: Described): Promise<void> {
  const { spaceId, id, state, short, reading, cost, reader, now, counts } = described;
  await session.run(
    `UPDATE images SET state = $2, product = $3, version = $4, os = $5, family = $6, cpus = $7, memory_mib = $8,
       disk_count = $9, capacity_bytes = $10,
       changed_in = CASE WHEN $11 THEN (SELECT revision + 1 FROM spaces WHERE spaces.id = $12) ELSE changed_in END
     WHERE id = $1`,
    [id, state, ...short, counts !== null, spaceId],
  );
  await session.run(
    `INSERT INTO descriptions (image, space, reader, requests, bytes, read_at, reading) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (image) DO UPDATE SET space = excluded.space, reader = excluded.reader, requests = excluded.requests,
       bytes = excluded.bytes, read_at = excluded.read_at, reading = excluded.reading`,
    [id, spaceId, reader, cost.requests, cost.bytes, now, storableJson(reading)],
  );
  const { described: known, waiting, incomplete, broken } = counts ?? noImages();
  await session.run(
    `UPDATE spaces SET read_bytes = read_bytes + $2, revision = revision + $3, changed_at = coalesce($4, changed_at),
       described_images = described_images + $5, waiting_images = waiting_images + $6,
       incomplete_images = incomplete_images + $7, broken_images = broken_images + $8
     WHERE id = $1`,
    [spaceId, cost.bytes, counts === null ? 0 : 1, counts === null ? null : now, known, waiting, incomplete, broken],
  );
}

/** The short form as the row has it; all are null if there is none. */
function shortToRow(short: ShortDescription | null): readonly unknown[] {
  const text = (value: string | null | undefined) => (value == null ? null : storable(value));
  return [
    ...[text(short?.product), text(short?.version), text(short?.os), short?.family ?? null, short?.cpus ?? null],
    ...[short?.memoryMib ?? null, short?.diskCount ?? null, short?.capacityBytes ?? null],
  ];
}

function shortOfRow({ product, version, os, family, cpus, memoryMib, diskCount, capacityBytes }: ShortRow) {
  return [product, version, os, family, cpus, memoryMib, diskCount, capacityBytes];
}

function isSameShort(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.every((value, at) => value === b[at]);
}
