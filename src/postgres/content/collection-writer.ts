import type { ListedCollection } from '../../domain/model/listing.js';
import { depthOf, parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { HeldNote, ListedNote } from '../../domain/policy/collection-note.js';
import { storable } from '../connection/storable.js';
import { rangesBelow } from '../read/path-range.js';
import type { Batch } from './batch.js';

/** What a batch needs to know of a collection. */
export interface CollectionRow {
  readonly id: number;
  readonly isMount: boolean;
  readonly isJoined: boolean;
  readonly absentInSync: number | null;
  readonly emptyInSync: number | null;
  readonly modifiedAt: number | null;
  readonly listedAt: number | null;
  readonly hasSiblings: boolean;
}

/** A collection that was never seen. */
export const UNSEEN: Omit<CollectionRow, 'id'> = {
  isMount: false,
  isJoined: false,
  absentInSync: null,
  emptyInSync: null,
  modifiedAt: null,
  listedAt: null,
  hasSiblings: false,
};

/** What is noted on a listed collection. */
export interface CollectionNote {
  readonly note: HeldNote | ListedNote;
  /** The text to keep of the files in it, null if they aren't known; undefined: what it has. */
  readonly siblings: string | null | undefined;
}

/** Returns those of these collections that exist. */
export async function findCollections(
  { session, space }: Batch,
  paths: Iterable<ResourcePath>,
): Promise<Map<ResourcePath, CollectionRow>> {
  const rows = await session.rows<CollectionRow & { path: ResourcePath }>(
    `SELECT id, path, is_mount AS "isMount", is_joined AS "isJoined", absent_in_sync AS "absentInSync",
       empty_in_sync AS "emptyInSync", modified_at AS "modifiedAt", listed_at AS "listedAt",
       siblings IS NOT NULL AS "hasSiblings"
     FROM collections WHERE space = $1 AND path = ANY($2::text[])`,
    [space.id, [...paths]],
  );
  return new Map(rows.map(({ path, ...row }) => [path, row]));
}

/**
 * Creates collections of which none exists, but whose parents do or are among them, and adds them to `rows`; `mounts` and
 * `notes` have what is known of some.
 */
export async function createCollections(
  batch: Batch,
  rows: Map<ResourcePath, CollectionRow>,
  paths: readonly ResourcePath[],
  mounts: ReadonlyMap<ResourcePath, ListedCollection>,
  notes: ReadonlyMap<ResourcePath, CollectionNote>,
): Promise<void> {
  if (paths.length === 0) return;
  const { session, space } = batch;
  const allotted = await session.rows<{ id: number }>(
    `SELECT nextval(pg_get_serial_sequence('collections', 'id')) AS id FROM generate_series(1, $1)`,
    [paths.length],
  );
  const created = [...paths]
    .sort((a, b) => depthOf(a) - depthOf(b))
    .map((path, at) => ({ path, id: idAt(allotted, at) }));
  for (const { path, id } of created) {
    rows.set(path, { ...UNSEEN, id, isMount: isMount(mounts.get(path)), isJoined: isJoined(mounts.get(path)) });
  }
  const ids = created.map(({ id }) => id);
  await session.run(
    `INSERT INTO collections (space, id, parent, path, is_mount, is_joined, marker, modified_at, listed_at, is_settled,
       is_contradicted, empty_in_sync, listed_in_sync, to_visit, siblings)
     SELECT $1, new.id, parent, path, is_mount, is_joined, marker, modified_at, listed_at, is_settled, is_contradicted,
       empty_in_sync, listed_in_sync, to_visit::json, siblings::json
     FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::boolean[], $6::boolean[], $7::text[], $8::bigint[],
         $9::bigint[], $10::boolean[], $11::boolean[], $12::bigint[], $13::bigint[], $14::text[], $15::text[])
       AS new (id, parent, path, is_mount, is_joined, marker, modified_at, listed_at, is_settled, is_contradicted,
         empty_in_sync, listed_in_sync, to_visit, siblings)`,
    [
      ...[space.id, ids, created.map(({ path }) => (path === ROOT ? null : rows.get(parentOf(path))?.id))],
      ...[created.map(({ path }) => path)],
      ...[created.map(({ path }) => isMount(mounts.get(path))), created.map(({ path }) => isJoined(mounts.get(path)))],
      ...columnsOf(created.map(({ path }) => notes.get(path))),
    ],
  );
  batch.collections += created.length;
  // A folder that is back has the tombstones that it left. Each is looked up by itself: all of a space may be any number.
  await session.run(
    `UPDATE images SET collection = left_in.collection
     FROM (
       SELECT found.id, created.id AS collection
       FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS created (id, path, first, behind)
       CROSS JOIN LATERAL (
         SELECT id, path, name FROM images WHERE space = $1 AND path >= first AND path < behind AND collection IS NULL OFFSET 0
       ) AS found
       WHERE left(found.path, greatest(length(found.path) - length(found.name) - 1, 0)) = created.path
     ) AS left_in
     WHERE images.id = left_in.id`,
    [space.id, ids, created.map(({ path }) => path), ...rangesBelow(created.map(({ path }) => path))],
  );
}

/** Notes which collections are mounts, as their parents show it. */
export async function noteMounts(
  { session }: Batch,
  rows: ReadonlyMap<ResourcePath, CollectionRow>,
  mounts: ReadonlyMap<ResourcePath, ListedCollection>,
): Promise<void> {
  const changed = [...mounts.values()].flatMap((listed) => {
    const row = rows.get(listed.path);
    const isSame = row === undefined || (row.isMount === isMount(listed) && row.isJoined === isJoined(listed));
    return isSame ? [] : { id: row.id, listed };
  });
  if (changed.length === 0) return;
  await session.run(
    `UPDATE collections SET is_mount = seen.is_mount, is_joined = seen.is_joined
     FROM unnest($1::bigint[], $2::boolean[], $3::boolean[]) AS seen (id, is_mount, is_joined)
     WHERE collections.id = seen.id`,
    [
      changed.map(({ id }) => id),
      changed.map(({ listed }) => isMount(listed)),
      changed.map(({ listed }) => isJoined(listed)),
    ],
  );
}

/** Writes the notes on collections that existed before; `notes` are by their ids. */
export async function writeNotes({ session }: Batch, notes: ReadonlyMap<number, CollectionNote>): Promise<void> {
  const listed = [...notes].filter(([, { note }]) => note.kind === 'listed');
  if (listed.length > 0) {
    await session.run(
      `UPDATE collections SET marker = seen.marker, modified_at = seen.modified_at, listed_at = seen.listed_at,
         is_settled = seen.is_settled, is_proven = false, is_contradicted = seen.is_contradicted,
         empty_in_sync = seen.empty_in_sync, listed_in_sync = seen.listed_in_sync, to_visit = seen.to_visit::json,
         siblings = CASE WHEN has_siblings THEN seen.siblings::json ELSE collections.siblings END
       FROM unnest($1::bigint[], $2::boolean[], $3::text[], $4::bigint[], $5::bigint[], $6::boolean[], $7::boolean[],
           $8::bigint[], $9::bigint[], $10::text[], $11::text[])
         AS seen (id, has_siblings, marker, modified_at, listed_at, is_settled, is_contradicted, empty_in_sync,
           listed_in_sync, to_visit, siblings)
       WHERE collections.id = seen.id`,
      [
        ...[listed.map(([id]) => id), listed.map(([, { siblings }]) => siblings !== undefined)],
        ...columnsOf(listed.map(([, note]) => note)),
      ],
    );
  }
  const held = [...notes].filter(([, { note }]) => note.kind === 'held');
  if (held.length === 0) return;
  await session.run(
    `UPDATE collections SET is_settled = false, is_proven = false, empty_in_sync = seen.empty_in_sync,
       is_contradicted = seen.is_contradicted
     FROM unnest($1::bigint[], $2::bigint[], $3::boolean[]) AS seen (id, empty_in_sync, is_contradicted)
     WHERE collections.id = seen.id`,
    [
      held.map(([id]) => id),
      held.map(([, { note }]) => note.emptyInSync),
      held.map(([, { note }]) => note.isContradicted),
    ],
  );
}

/** The columns of notes: marker, dates, flags, syncs and texts, in the order of the statements above. */
function columnsOf(notes: readonly (CollectionNote | undefined)[]): readonly (readonly unknown[])[] {
  const listed = notes.map((each) => (each?.note.kind === 'listed' ? each.note : null));
  return [
    listed.map((note) => (note?.marker == null ? null : storable(note.marker))),
    listed.map((note) => note?.modifiedAt ?? null),
    listed.map((note) => note?.listedAt ?? null),
    listed.map((note) => note?.isSettled === true),
    notes.map((each) => each?.note.isContradicted === true),
    notes.map((each) => each?.note.emptyInSync ?? null),
    listed.map((note) => note?.listedInSync ?? null),
    listed.map((note) => (note?.toVisit == null ? null : JSON.stringify(note.toVisit))),
    notes.map((each) => each?.siblings ?? null),
  ];
}

function idAt(allotted: readonly { readonly id: number }[], at: number): number {
  const row = allotted[at];
  if (row === undefined) throw new Error('fewer ids than were asked for');
  return row.id;
}

function isMount(listed: ListedCollection | undefined): boolean {
  return listed?.isMount === true;
}

function isJoined(listed: ListedCollection | undefined): boolean {
  return listed?.isJoined === true;
}
