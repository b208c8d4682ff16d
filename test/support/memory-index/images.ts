import { type DescribedImage, shortOf } from '../../../src/domain/description/short-description.js';
import { HELD_LIST, heldKeyOf, matchesHeld } from '../../../src/domain/lists/held-list.js';
import { keyOf, matchesImage, needsShort, totalOrder } from '../../../src/domain/lists/image-list.js';
import { matchesFound, SEARCH_LIST, searchKeyOf } from '../../../src/domain/lists/image-search.js';
import { orderOf } from '../../../src/domain/lists/list-grammar.js';
import { matchesSpace, SPACE_LIST, spaceKeyOf } from '../../../src/domain/lists/space-list.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import type { Image, ImageResource } from '../../../src/domain/model/image.js';
import type { OriginEvidence } from '../../../src/domain/model/markers.js';
import { isWithin, nameOf, parentOf, type ResourcePath, ROOT } from '../../../src/domain/model/path.js';
import { markedAbsent, reconfirmedSince } from '../../../src/domain/policy/absence.js';
import { noteOf } from '../../../src/domain/policy/collection-note.js';
import { type SpaceContext, storageOf } from '../../../src/domain/policy/space-look.js';
import type { Changes, ImageCatalogue } from '../../../src/domain/ports/image-catalogue.js';
import type {
  CollectionCommit,
  CommitCounts,
  ImageIndex,
  IndexMaintenance,
} from '../../../src/domain/ports/image-index.js';
import type { Lease } from '../../../src/domain/ports/sync-log.js';
import { keepsReading } from '../../../src/domain/reconcile/compare-images.js';
import { unseenCollection } from '../../../src/domain/reconcile/known-collection.js';
import { naivePage } from '../naive-page.js';
import { memoryChanges, noteChanges } from './changes.js';
import {
  configuredSpaces,
  holdsLease,
  isShown,
  judge,
  type Memory,
  type MemoryCollection,
  type MemoryImage,
  type MemorySpace,
  toSpace,
} from './state.js';

export function createMemoryCatalogue(memory: Memory): ImageCatalogue {
  const spaceOf = (user: string) => configuredSpaces(memory).find((space) => space.user === user);
  return {
    space: async (user) => {
      const space = spaceOf(user);
      return space === undefined ? null : toSpace(space);
    },
    spacesOf: async (users) => users.flatMap((user) => spaceOf(user) ?? []).map(toSpace),
    listSpaces: async (query = { sort: SPACE_LIST.byDefault }) => {
      const matching = configuredSpaces(memory)
        .map(toSpace)
        .filter((space) => matchesSpace(query, space));
      const { rows, place } = naivePage(
        matching,
        orderOf(SPACE_LIST, query.sort),
        spaceKeyOf,
        query.page,
        [...memory.spaces.values()].map(toSpace),
      );
      return { spaces: rows, place };
    },
    spaceContext: async (spaces) => {
      const storages = new Set(spaces.map(({ url }) => storageOf(url)));
      const users = new Set(spaces.map(({ user }) => user));
      const evidence = [...evidenceOf(configuredSpaces(memory))].filter(([storage]) => storages.has(storage));
      const links = [...memory.links.values()].filter(({ user }) => users.has(user));
      return { evidence: new Map(evidence), servers: new Map(links.map(({ user, server }) => [user, server])) };
    },
    images: async (user, query, atMost = Number.POSITIVE_INFINITY) => {
      const space = spaceOf(user);
      if (space === undefined) return null;
      const images = [...space.images.values()]
        .filter(isShown)
        .map((image) => toDescribed(space, image))
        .filter((image) => matchesImage(query, image));
      const total = images.length;
      if (query.page === undefined && total > atMost) {
        return { space: toSpace(space), images: [], place: { total, hasBefore: false, hasAfter: false } };
      }
      const { rows, place } = naivePage(
        images,
        totalOrder(query.sort),
        keyOf,
        query.page,
        [...space.images.values()].map((image) => toDescribed(space, image)),
      );
      return { space: toSpace(space), images: rows.map((image) => asAsked(query, image)), place };
    },
    image: async (user, id) => {
      const space = spaceOf(user);
      const image = [...(space?.images.values() ?? [])].find((candidate) => candidate.id === id);
      return space !== undefined && image !== undefined && isShown(image) ? toImage(space, image) : null;
    },
    description: async (user, id) => {
      const space = spaceOf(user);
      const image = [...(space?.images.values() ?? [])].find((candidate) => candidate.id === id);
      if (space === undefined || image === undefined || !isShown(image)) return null;
      const { reading = null, cost = null, readAt = null } = image.read ?? {};
      return { ...judge(space, image), reading, cost, readAt };
    },
    changes: async (user, query) =>
      memoryChanges(memory, spaceOf(user) ?? null, query, query.withShort === true ? toDescribed : toImage),
    held: async (user, query) => {
      const space = spaceOf(user);
      if (space === undefined) return null;
      const images = [...space.images.values()]
        .filter(({ absentInSync }) => absentInSync !== null)
        .map(({ id, path, name, sizeBytes, absentSince }) => ({ id, path, name, sizeBytes, missedSince: absentSince }))
        .filter((image) => matchesHeld(query, image));
      const { rows, place } = naivePage(images, orderOf(HELD_LIST, query.sort), heldKeyOf, query.page);
      return { space: toSpace(space), images: rows, place };
    },
    search: async (query) => {
      const images = configuredSpaces(memory).flatMap((space) =>
        [...space.images.values()].filter(isShown).map((image) => ({ ...toDescribed(space, image), user: space.user })),
      );
      const matching = images.filter((image) => matchesFound(query, image));
      const { rows, place } = naivePage(matching, orderOf(SEARCH_LIST, query.sort), searchKeyOf, query.page);
      return { images: rows.map((image) => asAsked(query, image)), place };
    },
  };
}

/** What spaces have shown, by their storages. */
function evidenceOf(spaces: readonly MemorySpace[]): SpaceContext['evidence'] {
  const shown = new Map<string, OriginEvidence>();
  for (const { url, record } of spaces) {
    const { subtree } = record.evidence;
    if (subtree === 'none') continue;
    const { seen, refuted } = shown.get(storageOf(url)) ?? { seen: 0, refuted: 0 };
    const isSeen = subtree === 'seen';
    shown.set(storageOf(url), { seen: seen + (isSeen ? 1 : 0), refuted: refuted + (isSeen ? 0 : 1) });
  }
  return shown;
}

/** Whether a path lies right in the collection, which is asked of every path of a space for each listing. */
function childrenOf(collection: ResourcePath): (path: ResourcePath) => boolean {
  const start = collection === ROOT ? '' : `${collection}/`;
  return (path) => path !== ROOT && path.startsWith(start) && !path.includes('/', start.length);
}

/** Somebody may always have written. */
export function createMemoryChanges(): Changes {
  let stamps = 0;
  return { current: () => ++stamps };
}

function toImage(space: MemorySpace, image: MemoryImage): Image {
  const { id, path, name, sizeBytes, createdAt, updatedAt, modifiedAt, isSettled } = image;
  const { state } = judge(space, image);
  return { id, path, name, sizeBytes, createdAt, updatedAt, modifiedAt, isSettled, state };
}

export function toDescribed(space: MemorySpace, image: MemoryImage): DescribedImage {
  return { ...toImage(space, image), short: image.read === null ? null : shortOf(image.read.reading) };
}

/** An image of a list has its short form if that needs it. */
function asAsked<Row extends DescribedImage>(query: Parameters<typeof needsShort>[0], image: Row): Row {
  if (needsShort(query)) return image;
  const { short: _short, ...plain } = image;
  return plain as Row;
}

export function createMemoryImageIndex(memory: Memory): ImageIndex {
  return {
    mostKeyBytes: null,
    known: async (spaceId, collection) => {
      const space = memory.spaces.get(spaceId);
      const seen = space?.collections.get(collection);
      if (space === undefined || seen === undefined) return unseenCollection(collection);
      const isChild = childrenOf(collection);
      return {
        path: collection,
        ...withoutMount(seen),
        holdsImages: hasAny(space.images.keys(), isChild),
        children: [...space.collections].flatMap(([path, child]) => {
          if (!isChild(path)) return [];
          const { marker, isSettled, isProven, absentInSync, absentInFull, isJoined } = child;
          const note = { marker, isSettled, isProven, absentInSync, absentInFull, isJoined };
          return { path, ...note, isLeaf: isLeaf(space, path) };
        }),
      };
    },

    knownImages: async (spaceId, collection, after) => {
      const behind = firstKnown(memory.spaces.get(spaceId)?.images.values() ?? [], childrenOf(collection), after);
      const images = behind.slice(0, KNOWN_AT_ONCE).map((image) => ({
        id: image.id,
        path: image.path,
        sizeBytes: image.sizeBytes,
        etag: image.etag,
        modifiedAt: image.modifiedAt,
        isMissing: !isShown(image),
        absentInSync: image.absentInSync,
        absentInFull: image.absentInSync === null ? null : image.absentInFull,
        isSettled: image.isSettled,
        unchangedMs: memory.clock() - image.updatedAt,
      }));
      return { images, next: behind.length > KNOWN_AT_ONCE ? (images.at(-1)?.id ?? null) : null };
    },

    shownImages: async (spaceId, after) => {
      const behind = [...(memory.spaces.get(spaceId)?.images.values() ?? [])]
        .filter((image) => isShown(image) && image.path > after)
        .sort((a, b) => (a.path < b.path ? -1 : 1));
      const images = behind
        .slice(0, KNOWN_AT_ONCE)
        .map(({ path, sizeBytes, etag, modifiedAt, isSettled }) => ({ path, sizeBytes, etag, modifiedAt, isSettled }));
      return { images, next: behind.length > KNOWN_AT_ONCE ? (images.at(-1)?.path ?? null) : null };
    },

    incompleteFolders: async (spaceId) => {
      const space = memory.spaces.get(spaceId);
      if (space === undefined) return [];
      const changedAt = new Map<ResourcePath, number>();
      for (const image of space.images.values()) {
        if (!isShown(image) || !/\.ovf$/i.test(image.name) || judge(space, image).state !== 'incomplete') continue;
        const folder = parentOf(image.path);
        changedAt.set(folder, Math.max(changedAt.get(folder) ?? 0, image.updatedAt));
      }
      const now = memory.clock();
      return [...changedAt]
        .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
        .map(([collection, at]) => {
          const { listedAt = null } = space.collections.get(collection) ?? {};
          return { collection, unchangedMs: Math.max(0, now - at), listedAt };
        });
    },

    nearestKnown: async (spaceId, collection) => {
      let path = collection;
      while (path !== ROOT && memory.spaces.get(spaceId)?.collections.has(path) !== true) path = parentOf(path);
      return path;
    },

    subtree: async (lease, collection) => {
      const space = memory.spaces.get(lease.spaceId);
      const images = space === undefined ? [] : shownBelow(space, collection);
      const agreed = images.filter(({ absentInSync }) => absentInSync !== null && absentInSync !== lease.syncId);
      return { images: images.length, agreed: agreed.length };
    },

    commit: async (lease, commits) => {
      const space = memory.spaces.get(lease.spaceId);
      requireLease(memory, space, lease);
      const counts = { added: 0, altered: 0, removed: 0, settled: 0 };
      const states = statesOf(space);
      const note = noteChanges(space, toDescribed);
      for (const commit of commits) apply(memory, space, lease.syncId, commit, counts);
      const { settled, ...told } = counts;
      const isVisible = told.added + told.altered + told.removed + settled > 0 || statesOf(space) !== states;
      if (isVisible) {
        space.revision += 1;
        space.changedAt = memory.clock();
        note();
      }
      if (told.added + told.altered + settled > 0) space.mayBeUnread = true;
      countAtSync(memory, lease, told);
      return told;
    },

    show: async (lease, images, unsettled) => {
      const space = memory.spaces.get(lease.spaceId);
      requireLease(memory, space, lease);
      const counts = { added: 0, altered: 0, removed: 0 };
      const note = noteChanges(space, toDescribed);
      for (const image of images) {
        ensureCollection(space, parentOf(image.path));
        counts.added += showImage(memory, space, image, !unsettled.has(image.path));
      }
      if (counts.added > 0) {
        space.mayBeUnread = true;
        space.revision += 1;
        space.changedAt = memory.clock();
        note();
      }
      countAtSync(memory, lease, counts);
      return counts;
    },

    rename: async (lease, from, to) => {
      const space = memory.spaces.get(lease.spaceId);
      requireLease(memory, space, lease);
      const isBelow = (root: ResourcePath) => (path: ResourcePath) => isWithin(path, root);
      const paths = [...space.collections.keys(), ...space.images.keys()];
      if (paths.some(isBelow(to))) return false;
      const renamed = (path: ResourcePath) => `${to}${path.slice(from.length)}` as ResourcePath;
      for (const [path, each] of [...space.collections]) {
        if (!isWithin(path, from)) continue;
        space.collections.delete(path);
        space.collections.set(renamed(path), each);
      }
      let isVisible = false;
      const note = noteChanges(space, toDescribed);
      for (const [path, image] of [...space.images]) {
        if (!isWithin(path, from)) continue;
        space.images.delete(path);
        space.images.set(renamed(path), Object.assign(image, { path: renamed(path) }));
        isVisible = true;
      }
      if (isVisible) {
        space.revision += 1;
        space.changedAt = memory.clock();
        note();
      }
      return true;
    },

    distrust: async (lease, collection) => {
      const space = memory.spaces.get(lease.spaceId);
      requireLease(memory, space, lease);
      Object.assign(space.collections.get(collection) ?? {}, { isSettled: false });
      for (const [path, each] of space.collections) if (isWithin(collection, path)) each.isProven = false;
    },

    outdate: async (lease, collection) => {
      const space = memory.spaces.get(lease.spaceId);
      requireLease(memory, space, lease);
      space.record = { ...space.record, search: { ...space.record.search, searchedMarker: null } };
      for (const [path, each] of space.collections) {
        if (path !== collection && isWithin(collection, path))
          Object.assign(each, { isSettled: false, isProven: false });
      }
    },

    prove: async (lease, collections) => {
      const space = memory.spaces.get(lease.spaceId);
      requireLease(memory, space, lease);
      for (const path of collections) {
        const collection = space.collections.get(path);
        if (collection?.isSettled === true) collection.isProven = true;
      }
    },

    isRemovalRefused: async (spaceId) => memory.spaces.get(spaceId)?.record.isRemovalRefused === true,

    mountsBelow: async (spaceId, collection) =>
      [...(memory.spaces.get(spaceId)?.collections ?? [])].flatMap(([path, { isMount }]) =>
        isMount && path !== collection && isWithin(path, collection) ? path : [],
      ),
  };
}

export function createMemoryMaintenance(memory: Memory): Pick<IndexMaintenance, 'forgetMissing'> {
  return {
    forgetMissing: async (before) => {
      let forgotten = 0;
      for (const space of memory.spaces.values()) {
        for (const [path, { missingSince, changedIn }] of space.images) {
          if (missingSince === null || missingSince >= before) continue;
          space.images.delete(path);
          space.forgottenIn = Math.max(space.forgottenIn, changedIn);
          forgotten += 1;
        }
      }
      return forgotten;
    },
  };
}

/** The states of all images as they are shown. */
function statesOf(space: MemorySpace): string {
  return JSON.stringify([...space.images.values()].filter(isShown).map((image) => judge(space, image).state));
}

/** So few that tests meet a second page. */
const KNOWN_AT_ONCE = 2;

const UNSEEN: MemoryCollection = {
  marker: null,
  isSettled: false,
  isProven: false,
  isMount: false,
  isJoined: false,
  toVisit: null,
  modifiedAt: null,
  listedAt: null,
  emptyInSync: null,
  isContradicted: false,
  absentInSync: null,
  absentInFull: null,
  listedInSync: null,
  siblings: null,
};

function requireLease(memory: Memory, space: MemorySpace | undefined, lease: Lease): asserts space is MemorySpace {
  if (holdsLease(space, lease) && memory.syncs.get(lease.syncId)?.status === 'IN_PROGRESS') return;
  throw new OvadexError('conflict', `sync ${lease.syncId} no longer holds the lease of its space`);
}

function countAtSync(memory: Memory, { syncId }: Lease, { added, altered, removed }: CommitCounts) {
  const sync = memory.syncs.get(syncId);
  if (sync === undefined) return;
  const { counts } = sync;
  const changed = {
    added: counts.added + added,
    altered: counts.altered + altered,
    removed: counts.removed + removed,
  };
  memory.syncs.put({ ...sync, counts: { ...counts, ...changed } });
}

function withoutMount(collection: MemoryCollection) {
  const {
    isMount: _isMount,
    isJoined: _isJoined,
    absentInSync: _absentInSync,
    absentInFull: _absentInFull,
    siblings: _,
    ...known
  } = collection;
  return known;
}

function isLeaf(space: MemorySpace, collection: ResourcePath): boolean {
  return !hasAny(space.collections.keys(), childrenOf(collection));
}

function hasAny(paths: Iterable<ResourcePath>, is: (path: ResourcePath) => boolean): boolean {
  for (const path of paths) if (is(path)) return true;
  return false;
}

/** Those children that come next by their ids, one more than are told at once: all of them would be sorted anew for each page. */
function firstKnown(
  images: Iterable<MemoryImage>,
  isChild: (path: ResourcePath) => boolean,
  after: number,
): readonly MemoryImage[] {
  const first: MemoryImage[] = [];
  for (const image of images) {
    const last = first.length > KNOWN_AT_ONCE ? first.at(-1) : undefined;
    if (image.id <= after || image.id > (last?.id ?? Number.POSITIVE_INFINITY) || !isChild(image.path)) continue;
    if (last !== undefined) first.pop();
    first.push(image);
    first.sort((a, b) => a.id - b.id);
  }
  return first;
}

function shownBelow(space: MemorySpace, collection: ResourcePath): MemoryImage[] {
  return [...space.images.values()].filter(
    (image) => isShown(image) && image.path !== collection && isWithin(image.path, collection),
  );
}

function ensureCollection(space: MemorySpace, path: ResourcePath): MemoryCollection {
  const existing = space.collections.get(path);
  if (existing !== undefined) return existing;
  if (path !== ROOT) ensureCollection(space, parentOf(path));
  const created = { ...UNSEEN };
  space.collections.set(path, created);
  return created;
}

/** Shows an image; 1, or 0 if it is shown already. */
function showImage(memory: Memory, space: MemorySpace, resource: ImageResource, isSettled: boolean): 0 | 1 {
  const before = space.images.get(resource.path);
  if (before !== undefined && isShown(before)) return 0;
  const now = memory.clock();
  space.images.set(resource.path, {
    ...resource,
    name: nameOf(resource.path),
    id: before?.id ?? ++memory.lastImageId,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    isSettled,
    missingSince: null,
    changedIn: space.revision + 1,
    absentInSync: null,
    absentInFull: null,
    absentSince: null,
    read: before !== undefined && keepsReading(before, resource) ? before.read : null,
  });
  return 1;
}

function apply(
  memory: Memory,
  space: MemorySpace,
  syncId: number,
  commit: CollectionCommit,
  counts: { added: number; altered: number; removed: number; settled: number },
): void {
  const { changes, absent, unproven, present } = commit;
  const now = memory.clock();
  const collection = ensureCollection(space, changes.collection);
  collection.isMount ||= changes.isMount;
  for (const child of changes.collections) {
    const listed = ensureCollection(space, child.path);
    listed.isMount = child.isMount;
    listed.isJoined = child.isJoined === true;
    if (listed.absentInSync !== null) reconfirm(space, child.path);
  }
  for (const path of [...present, ...changes.rejudged]) reconfirm(space, path);

  for (const resource of changes.appeared) {
    counts.added += showImage(memory, space, resource, !changes.unsettled.has(resource.path));
  }

  const { altered, settled, reconfirmed, doubted, disappeared } = changes;
  const isAnyNamed = [altered, settled, reconfirmed, doubted, disappeared].some((named) => named.length > 0);
  const byId = new Map(isAnyNamed ? [...space.images.values()].filter(isShown).map((image) => [image.id, image]) : []);
  for (const { id, image } of changes.altered) {
    const before = byId.get(id);
    if (before === undefined) continue;
    const { sizeBytes, etag, modifiedAt } = image;
    const isSettled = !changes.unsettled.has(image.path);
    Object.assign(before, { sizeBytes, etag, modifiedAt, updatedAt: now, isSettled, read: null });
    counts.altered += 1;
  }
  for (const id of changes.settled) {
    const before = byId.get(id);
    if (before === undefined || before.isSettled) continue;
    before.isSettled = true;
    counts.settled += 1;
  }
  for (const id of changes.reconfirmed) Object.assign(byId.get(id) ?? {}, { absentInSync: null });

  const sync = { id: syncId, isFull: memory.syncs.get(syncId)?.mode === 'full' };
  const holdImage = (image: MemoryImage) => void Object.assign(image, markedAbsent(image, sync, now));
  const isListedNow = ({ path }: MemoryImage) => space.collections.get(parentOf(path))?.listedInSync === syncId;
  const hold = (path: ResourcePath) => {
    const held = space.collections.get(path);
    if (held !== undefined) Object.assign(held, markedAbsent({ ...held, absentSince: null }, sync, now));
    for (const image of shownBelow(space, path)) if (!isListedNow(image)) holdImage(image);
  };
  for (const { id } of changes.doubted) {
    const image = byId.get(id);
    if (image !== undefined) holdImage(image);
  }
  for (const path of unproven) hold(path);

  const gone = new Set([
    ...changes.disappeared.flatMap(({ id }) => byId.get(id) ?? []),
    ...absent.flatMap((path) => shownBelow(space, path)),
  ]);
  const { kind, ...note } = noteOf(collection, commit, syncId);
  Object.assign(collection, note);
  if (kind === 'held') {
    for (const { id } of changes.disappeared) {
      const image = byId.get(id);
      if (image !== undefined) holdImage(image);
    }
    for (const path of absent) hold(path);
    return;
  }
  collection.siblings = changes.siblings;
  for (const image of gone) {
    image.missingSince = now;
    image.absentInSync = null;
  }
  counts.removed += gone.size;
  for (const path of space.collections.keys()) {
    if (absent.some((root) => isWithin(path, root))) space.collections.delete(path);
  }
}

/** Takes back that a collection was found absent. */
function reconfirm(space: MemorySpace, path: ResourcePath): void {
  const collection = space.collections.get(path);
  const since = collection?.absentInSync ?? null;
  if (collection === undefined || since === null) return;
  Object.assign(collection, { absentInSync: null, absentInFull: null });
  for (const image of shownBelow(space, path)) {
    const emptied = [...space.collections].flatMap(([at, { emptyInSync }]) =>
      isWithin(at, path) && isWithin(image.path, at) && emptyInSync !== null && emptyInSync >= since ? emptyInSync : [],
    );
    const emptiedInSync = emptied.length === 0 ? null : Math.min(...emptied);
    Object.assign(image, reconfirmedSince(image, since, { emptiedInSync, isRefused: space.record.isRemovalRefused }));
  }
}
