import type { KnownChild } from '../../domain/model/markers.js';
import { type ResourcePath, ROOT, withAncestors } from '../../domain/model/path.js';
import type { ShownImage } from '../../domain/model/shown-image.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { KnownContent } from '../../domain/ports/image-index.js';
import { type KnownCollection, unseenCollection } from '../../domain/reconcile/known-collection.js';
import type { KnownImage } from '../../domain/reconcile/known-images.js';
import type { IncompleteFolder } from '../../domain/reconcile/late-files.js';
import { numberOfState } from '../../sql/image-states.js';
import type { Database } from '../connection/database.js';
import { SHOWN_STATE_SQL } from './image-rows.js';
import { rangeBelow } from './path-range.js';

/** Images read at once: most collections have fewer, and of a huge one, no more are in memory at a time. */
const READ_AT_ONCE = 1_000;

/**
 * An entry of a B-tree takes 2,704 bytes at most. Besides a path, its name and its name key, one has a number, a word and the
 * heads of all of these.
 */
const MOST_KEY_BYTES = 2_600;

/** A collection with its children, of one moment and in one round trip: it is asked for each that is listed. */
const KNOWN_SQL = `SELECT path, marker, is_settled AS "isSettled", is_proven AS "isProven", modified_at AS "modifiedAt",
    listed_at AS "listedAt", empty_in_sync AS "emptyInSync", is_contradicted AS "isContradicted",
    listed_in_sync AS "listedInSync", to_visit AS "toVisit",
    EXISTS (SELECT FROM images WHERE images.collection = collections.id) AS "holdsImages",
    coalesce((
      SELECT json_agg(json_build_object('path', child.path, 'marker', child.marker, 'isSettled', child.is_settled,
        'isProven', child.is_proven, 'absentInSync', child.absent_in_sync, 'absentInFull', child.absent_in_full,
        'isJoined', child.is_joined,
        'isLeaf', NOT EXISTS (SELECT FROM collections AS inner_one WHERE inner_one.parent = child.id)))
      FROM collections AS child WHERE child.parent = collections.id
    ), '[]') AS children
  FROM collections WHERE space = $1 AND path = $2`;

const IMAGES_SQL = `SELECT images.id, images.path, size_bytes AS "sizeBytes", etag, images.modified_at AS "modifiedAt",
    missing_since IS NOT NULL AS "isMissing", images.absent_in_sync AS "absentInSync",
    CASE WHEN images.absent_in_sync IS NOT NULL THEN images.absent_in_full END AS "absentInFull",
    images.is_settled AS "isSettled", updated_at AS "updatedAt"
  FROM images WHERE collection = (SELECT id FROM collections WHERE space = $1 AND path = $2) AND images.id > $3
  ORDER BY images.id LIMIT ${READ_AT_ONCE}`;

const SHOWN_SQL = `SELECT path, size_bytes AS "sizeBytes", etag, modified_at AS "modifiedAt", is_settled AS "isSettled"
  FROM images WHERE space = $1 AND path > $2 AND missing_since IS NULL ORDER BY path LIMIT ${READ_AT_ONCE}`;

/** In the words of the index of what doesn't deploy: mostly there is nothing. */
const INCOMPLETE_SQL = `SELECT collections.path AS collection, max(images.updated_at) AS "changedAt",
    collections.listed_at AS "listedAt"
  FROM images JOIN collections ON collections.id = images.collection
  WHERE images.space = $1 AND ${SHOWN_STATE_SQL} = ${numberOfState('incomplete')} AND ${SHOWN_STATE_SQL} > 1
    AND images.missing_since IS NULL AND images.name ILIKE '%.ovf'
  GROUP BY collections.id ORDER BY 2 DESC, 1 LIMIT 1000`;

interface KnownImageRow extends Omit<KnownImage, 'unchangedMs'> {
  readonly updatedAt: number;
}

interface IncompleteRow extends Omit<IncompleteFolder, 'unchangedMs'> {
  readonly changedAt: number;
}

/** Creates what tells the crawler what is known. Rejects with OvadexError `index`. */
export function createKnownContent(db: Database, clock: Clock): KnownContent {
  return {
    mostKeyBytes: MOST_KEY_BYTES,
    async known(spaceId, collection) {
      type Row = KnownCollection & { readonly children: readonly KnownChild[] };
      return (await db.row<Row>(KNOWN_SQL, [spaceId, collection])) ?? unseenCollection(collection);
    },
    async knownImages(spaceId, collection, after) {
      const rows = await db.rows<KnownImageRow>(IMAGES_SQL, [spaceId, collection, after]);
      const now = clock();
      return {
        images: rows.map(({ updatedAt, ...image }) => ({ ...image, unchangedMs: now - updatedAt })),
        next: rows.length < READ_AT_ONCE ? null : (rows.at(-1)?.id ?? null),
      };
    },
    async shownImages(spaceId, after) {
      const images = await db.rows<ShownImage>(SHOWN_SQL, [spaceId, after]);
      return { images, next: images.length < READ_AT_ONCE ? null : (images.at(-1)?.path ?? null) };
    },
    async incompleteFolders(spaceId) {
      const rows = await db.rows<IncompleteRow>(INCOMPLETE_SQL, [spaceId]);
      const now = clock();
      return rows.map(({ collection, changedAt, listedAt }) => ({
        collection,
        unchangedMs: Math.max(0, now - changedAt),
        listedAt,
      }));
    },
    async nearestKnown(spaceId, collection) {
      const found = await db.row<{ path: ResourcePath }>(
        'SELECT path FROM collections WHERE space = $1 AND path = ANY($2::text[]) ORDER BY length(path) DESC LIMIT 1',
        [spaceId, withAncestors(collection)],
      );
      return found?.path ?? ROOT;
    },
    async subtree({ syncId, spaceId }, collection) {
      const { from, to } = rangeBelow(collection);
      const counted = await db.row<{ images: number; agreed: number }>(
        `SELECT count(*) AS images, count(*) FILTER (WHERE absent_in_sync <> $4) AS agreed
         FROM images WHERE space = $1 AND path >= $2 AND path < $3 AND missing_since IS NULL`,
        [spaceId, from, to, syncId],
      );
      return counted ?? { images: 0, agreed: 0 };
    },
    async mountsBelow(spaceId, collection) {
      const { from, to } = rangeBelow(collection);
      const rows = await db.rows<{ path: ResourcePath }>(
        'SELECT path FROM collections WHERE space = $1 AND path >= $2 AND path < $3 AND is_mount',
        [spaceId, from, to],
      );
      return rows.map(({ path }) => path);
    },
    async isRemovalRefused(spaceId) {
      const space = await db.row<{ isRefused: boolean }>(
        'SELECT is_removal_refused AS "isRefused" FROM spaces WHERE id = $1',
        [spaceId],
      );
      return space?.isRefused === true;
    },
  };
}
