import type { ListedCollection } from '../../domain/model/listing.js';
import { type ResourcePath, withAncestors } from '../../domain/model/path.js';
import { noteOf } from '../../domain/policy/collection-note.js';
import type { CollectionCommit } from '../../domain/ports/image-index.js';
import { siblingsToText } from '../../sql/siblings.js';
import {
  holdCollections,
  holdImages,
  type Returned,
  reconfirmCollections,
  reconfirmImages,
  removeCollections,
} from './absence-writer.js';
import type { Batch } from './batch.js';
import {
  type CollectionNote,
  type CollectionRow,
  createCollections,
  findCollections,
  noteMounts,
  UNSEEN,
  writeNotes,
} from './collection-writer.js';
import { alterImages, type Placed, removeImages, settleImages, showImages } from './image-writer.js';
import { type Beside, judgeBeside, newSiblings } from './sibling-writer.js';

/**
 * Writes commits as if one came after the other, but with one statement a table for as many as don't touch each other:
 * nearly always for all of them.
 */
export async function writeCommits(batch: Batch, commits: readonly CollectionCommit[]): Promise<void> {
  for (let rest = commits; rest.length > 0; ) {
    const group = takeGroup(rest);
    const rows = await findCollections(batch, pathsOf(group));
    const untouched = beforeReturn(group, rows);
    await writeGroup(batch, rows, untouched);
    rest = rest.slice(untouched.length);
  }
}

/**
 * Takes the first commits that may be written together: each of another collection; those behind which whole subtrees
 * change only at the end, and those before which they do only at the beginning.
 */
function takeGroup(commits: readonly CollectionCommit[]): readonly CollectionCommit[] {
  const taken = new Set<ResourcePath>();
  for (const { changes, absent, unproven, present } of commits) {
    const isAnyBack = present.length + changes.rejudged.length > 0;
    if (taken.has(changes.collection) || (isAnyBack && taken.size > 0)) break;
    taken.add(changes.collection);
    if (absent.length + unproven.length > 0) break;
  }
  return commits.slice(0, taken.size);
}

/** Returns those up to a later one that lists a collection which an earlier sync missed: marks below that go first. */
function beforeReturn(
  group: readonly CollectionCommit[],
  rows: ReadonlyMap<ResourcePath, CollectionRow>,
): readonly CollectionCommit[] {
  const isMissed = ({ path }: ListedCollection) => (rows.get(path)?.absentInSync ?? null) !== null;
  const at = group.findIndex(({ changes }, n) => n > 0 && changes.collections.some(isMissed));
  return at === -1 ? group : group.slice(0, at);
}

function pathsOf(group: readonly CollectionCommit[]): ReadonlySet<ResourcePath> {
  const paths = new Set<ResourcePath>();
  for (const { changes, present } of group) {
    for (const path of withAncestors(changes.collection)) paths.add(path);
    for (const { path } of changes.collections) paths.add(path);
    for (const path of [...present, ...changes.rejudged]) paths.add(path);
  }
  return paths;
}

/** What the listing of a mount tells of itself, in the absence of its parent's. */
function mountItself(path: ResourcePath, row: CollectionRow | undefined): ListedCollection {
  return { path, marker: null, isMount: true, isJoined: row?.isJoined === true };
}

/** Writes a group; `rows` are the collections that exist. */
async function writeGroup(
  batch: Batch,
  rows: Map<ResourcePath, CollectionRow>,
  group: readonly CollectionCommit[],
): Promise<void> {
  const returned = returnedIn(group, rows);
  const isNew = new Set<ResourcePath>();
  const mounts = new Map<ResourcePath, ListedCollection>();
  const notes = new Map<ResourcePath, CollectionNote>();
  for (const commit of group) {
    const { collection, collections, siblings, isMount } = commit.changes;
    for (const listed of collections) mounts.set(listed.path, listed);
    if (isMount && !mounts.has(collection)) mounts.set(collection, mountItself(collection, rows.get(collection)));
    for (const path of [...withAncestors(collection), ...collections.map(({ path }) => path)]) {
      if (!rows.has(path)) isNew.add(path);
    }
    const note = noteOf(rows.get(collection) ?? UNSEEN, commit, batch.space.syncId);
    notes.set(collection, { note, siblings: note.kind === 'held' ? undefined : siblingsToText(siblings) });
  }
  await createCollections(batch, rows, [...isNew], mounts, notes);
  await noteMounts(batch, rows, mounts);
  await reconfirmCollections(batch, returned);

  const backIn = await writeImages(batch, rows, group);
  const listed = group.filter(({ removals }) => removals === 'apply');
  const held = group.filter(({ removals }) => removals === 'hold');
  await holdImages(
    batch,
    idsOf([...group.flatMap(({ changes }) => changes.doubted), ...held.flatMap(({ changes }) => changes.disappeared)]),
  );
  await removeImages(batch, idsOf(listed.flatMap(({ changes }) => changes.disappeared)));

  const besides = listed.map(({ changes: { collection, siblings } }) => ({
    isNew: isNew.has(collection),
    beside: { ...rowOf(rows, collection), siblings },
  }));
  const texts = await newSiblings(
    batch,
    besides.flatMap(({ isNew, beside }) => (isNew ? [] : beside)),
  );
  // In a collection that this very commit has made no image has been read, unless it is back.
  const judged = besides.flatMap(({ isNew, beside }): readonly Beside[] =>
    (isNew ? beside.siblings !== null && backIn.has(beside.id) : texts.has(beside.id)) ? [beside] : [],
  );
  await judgeBeside(batch, judged);
  const later = [...notes].flatMap(([path, { note }]): readonly [number, CollectionNote][] => {
    const { id } = rowOf(rows, path);
    return isNew.has(path) ? [] : [[id, { note, siblings: texts.get(id) }]];
  });
  await writeNotes(batch, new Map(later));

  const last = group.at(-1);
  if (last === undefined) return;
  const isHeld = last.removals === 'hold';
  await holdCollections(batch, [...last.unproven, ...(isHeld ? last.absent : [])]);
  if (!isHeld) await removeCollections(batch, last.absent);
}

/** The collections of the first commit that were missed before, and exist or are missed anew. */
function returnedIn(
  [first]: readonly CollectionCommit[],
  rows: ReadonlyMap<ResourcePath, CollectionRow>,
): readonly Returned[] {
  if (first === undefined) return [];
  const { collections, rejudged } = first.changes;
  const paths = new Set([...collections.map(({ path }) => path), ...first.present, ...rejudged]);
  return [...paths].flatMap((path) => {
    const since = rows.get(path)?.absentInSync ?? null;
    return since === null ? [] : { path, since };
  });
}

/** Writes what listings have told of images, but for those that are gone; returns the collections in which one is back. */
async function writeImages(
  batch: Batch,
  rows: ReadonlyMap<ResourcePath, CollectionRow>,
  group: readonly CollectionCommit[],
): Promise<ReadonlySet<number>> {
  const appeared = group.flatMap(({ changes }): readonly Placed[] => {
    const { id } = rowOf(rows, changes.collection);
    return changes.appeared.map((image) => ({
      collection: id,
      image,
      isSettled: !changes.unsettled.has(image.path),
    }));
  });
  const backIn = await showImages(batch, appeared);
  const altered = group.flatMap(({ changes }) =>
    changes.altered.map(({ id, image }) => ({ id, image, isSettled: !changes.unsettled.has(image.path) })),
  );
  await alterImages(batch, altered);
  await settleImages(
    batch,
    group.flatMap(({ changes }) => changes.settled),
  );
  await reconfirmImages(
    batch,
    group.flatMap(({ changes }) => changes.reconfirmed),
  );
  return backIn;
}

function rowOf(rows: ReadonlyMap<ResourcePath, CollectionRow>, path: ResourcePath): CollectionRow {
  const row = rows.get(path);
  if (row === undefined) throw new Error('a collection was neither found nor created');
  return row;
}

function idsOf(images: readonly { readonly id: number }[]): readonly number[] {
  return images.map(({ id }) => id);
}
