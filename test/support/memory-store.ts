import { isDescriptorName, isImageName } from '../../src/domain/model/image.js';
import {
  failedListing,
  type Listing,
  type ListingFailure,
  MOST_SIBLINGS,
  type Probe,
  type Sibling,
} from '../../src/domain/model/listing.js';
import { isWithin, nameOf, parentOf, type ResourcePath, ROOT } from '../../src/domain/model/path.js';
import type { Search } from '../../src/domain/model/search.js';
import type { ReadableStore } from '../../src/domain/ports/remote-store.js';
import { faultySearch, type MemorySearchFault } from './memory-search.js';

/** A storage in memory that lies only where it is told to. */
export interface MemoryStorage extends ReadableStore {
  /** Puts a file, and the collections above it. */
  put(path: string, sizeBytes?: number): void;
  /** Files that were begun to be read, in order. */
  readonly readFiles: ResourcePath[];
  mkdir(path: string): void;
  /** Removes the file or the collection with all below it. */
  remove(path: string): void;
  /** Every image's path, in order. */
  images(): readonly string[];
  /** From now on listing this collection fails so; null heals it. */
  fail(path: string, failure: ListingFailure | null): void;
  /** From now on this collection shows only itself, as an unreadable one on some servers. */
  blank(path: string, isBlank: boolean): void;
  /** From now on this collection shows entries without a usable name in place of its files; no date moves. */
  garble(path: string): void;
  /** From now on markers move like this; `names` at first. */
  useMarkers(style: MarkerStyle): void;
  /** Returns a way to give all markers back as they are now, as a share does that ends. */
  keepMarkers(): () => void;
  /** From now on listings show the markers of their members as they are now; each collection shows its own as it is. */
  freezeShownMarkers(): void;
  /** From now on markers are too young to be trusted, or old enough again, as they are at first. */
  settleMarkers(areSettled: boolean): void;
  /**
   * From now on this collection is the bare place of a disk that is away: older than the disk, without all that is on it.
   * null: the disk is back.
   */
  detach(path: string, left: { readonly stray: boolean } | null): void;
  /** From now on this collection may be asked for under this other spelling, which alone its parent lists. */
  respell(path: string, spelling: string): void;
  /** Swaps two collections of one parent, each with its content and date. */
  swap(a: string, b: string): void;
  /** Makes a collection a mount: what changes inside moves no marker outside. */
  mount(path: string): void;
  /** From now on changes move no markers above their own collection, though the storage is of the kind that does so. */
  stopPropagation(): void;
  /** Makes it a part of the space again, which moves the markers of both. */
  unmount(path: string): void;
  /** Makes a collection one that somebody shares: all above it show its marker, and its date if that is later, with their own. */
  share(path: string): void;
  /** Takes it away, which changes nothing of those above it. */
  unshare(path: string): void;
  /** From now on the root has this fingerprint; it has none at first. */
  setFingerprint(fingerprint: string): void;
  /** Changes a file's size without any marker showing it, as a write in place does on most servers. */
  overwrite(path: string, sizeBytes: number): void;
  /** From now on the storage can be searched, and its answers go wrong like this; at first it has no search. */
  offerSearch(fault?: MemorySearchFault): void;
  /** From now on a search is expected, or not, before anything else was answered; at first it isn't. */
  expectSearch(isExpected: boolean): void;
  /** How often it was searched. */
  readonly searches: number;
  /** Collections in the order in which they were listed. */
  readonly listed: ResourcePath[];
  /** Collections in the order in which they were probed. */
  readonly probed: ResourcePath[];
  /** Runs before each listing is answered. */
  onList: (collection: ResourcePath) => void | Promise<void>;
}

/**
 * `names`: a collection's own marker moves when members come and go, as on Apache. `subtree`: so do all above
 * it, as on Nextcloud. `still`: none ever moves, as on rclone before 1.65.
 */
export type MarkerStyle = 'names' | 'subtree' | 'still';

/** The date of a collection that nothing was done to, in ms since the epoch; each change happens ten seconds after the last. */
const DATE_ZERO = 1_600_000_000_000;

interface Collection {
  version: number;
  readonly files: Map<ResourcePath, number>;
}

function siblingsOf(files: ReadonlyMap<ResourcePath, number>): readonly Sibling[] | null {
  const siblings = [...files].map(([path, sizeBytes]) => ({ name: nameOf(path), sizeBytes }));
  const isNeeded = siblings.some(({ name }) => isDescriptorName(name));
  return isNeeded && siblings.length <= MOST_SIBLINGS ? siblings : null;
}

export function createMemoryStorage(): MemoryStorage {
  const collections = new Map<ResourcePath, Collection>([[ROOT, { version: 0, files: new Map() }]]);
  const failures = new Map<ResourcePath, ListingFailure>();
  const blanks = new Set<ResourcePath>();
  const garbled = new Set<ResourcePath>();
  const mounts = new Set<ResourcePath>();
  const shares = new Set<ResourcePath>();
  const bare = new Map<ResourcePath, { readonly stray: boolean }>();
  /** Old spellings, each with the new one. */
  const spellings = new Map<ResourcePath, ResourcePath>();
  const listed: ResourcePath[] = [];
  const probed: ResourcePath[] = [];
  const readFiles: ResourcePath[] = [];
  let versions = 0;
  let style: MarkerStyle = 'names';
  let areSettled = true;
  let searches = 0;
  let isSearchExpected = false;
  let doesPropagate = true;
  let searchFault: MemorySearchFault | null = null;
  let fingerprint: string | null = null;

  const touch = (path: ResourcePath) => {
    versions += 1;
    for (let at = path; ; at = parentOf(at)) {
      const collection = collections.get(at);
      if (collection !== undefined && style !== 'still') collection.version = versions;
      if (style !== 'subtree' || !doesPropagate || at === ROOT || mounts.has(at) || shares.has(at)) return;
    }
  };
  const sharesBelow = (path: ResourcePath) => [...shares].filter((share) => share !== path && isWithin(share, path));
  const versionsOf = (path: ResourcePath) =>
    [path, ...sharesBelow(path)].map((at) => collections.get(at)?.version ?? 0);
  const markerOf = (path: ResourcePath) => (bare.has(path) ? 'etag:bare' : `etag:${versionsOf(path).join('+')}`);
  const isAway = (path: ResourcePath) => [...bare.keys()].some((place) => place !== path && isWithin(path, place));
  /** What a path that was asked for is called by its parent. */
  const asListed = (path: ResourcePath): ResourcePath => {
    for (const [old, now] of spellings) {
      if (isWithin(path, old)) return `${now}${path.slice(old.length)}` as ResourcePath;
    }
    return path;
  };
  const isMount = (path: ResourcePath) => [...mounts].some((mount) => isWithin(path, mount));
  const frozen = new Map<ResourcePath, string>();
  const shownOf = (at: ResourcePath) => ({
    marker: frozen.get(at) ?? markerOf(at),
    isMount: isMount(at),
    isJoined: shares.has(at),
  });

  const mkdir = (path: ResourcePath): Collection => {
    const existing = collections.get(path);
    if (existing !== undefined) return existing;
    mkdir(parentOf(path));
    const created = { version: 0, files: new Map() };
    collections.set(path, created);
    touch(parentOf(path));
    return created;
  };

  const open: ReadableStore['read'] = (path, listed, signal) => {
    readFiles.push(path);
    let bytes = 0;
    let requests = 0;
    return {
      async read(from, end) {
        signal.throwIfAborted();
        requests += 1;
        const failure = failures.get(path) ?? failures.get(parentOf(path));
        if (failure !== undefined) return { kind: 'failed', failure, detail: `scripted: ${failure}` };
        const sizeBytes = collections.get(parentOf(path))?.files.get(path);
        if (sizeBytes === undefined) return { kind: 'failed', failure: 'not-found', detail: 'scripted: 404' };
        if (sizeBytes !== listed.sizeBytes) return { kind: 'changed', detail: 'scripted: another size' };
        const read = new Uint8Array(Math.max(0, Math.min(end, sizeBytes) - from));
        bytes += read.length;
        return { kind: 'bytes', bytes: read, totalBytes: sizeBytes };
      },
      cost: () => ({ requests, bytes }),
      close: () => Promise.resolve(),
    };
  };

  const storage: MemoryStorage = {
    listed,
    probed,
    get searches() {
      return searches;
    },
    offerSearch: (fault = {}) => {
      searchFault = fault;
    },
    expectSearch: (isExpected) => {
      isSearchExpected = isExpected;
    },
    onList: () => undefined,
    readFiles,
    read: open,
    download: open,
    put(path, sizeBytes = 1) {
      const at = path as ResourcePath;
      mkdir(parentOf(at)).files.set(at, sizeBytes);
      touch(parentOf(at));
    },
    mkdir: (path) => void mkdir(path as ResourcePath),
    remove(path) {
      const at = path as ResourcePath;
      collections.get(parentOf(at))?.files.delete(at);
      for (const collection of collections.keys()) {
        if (collection !== ROOT && isWithin(collection, at)) collections.delete(collection);
      }
      touch(parentOf(at));
    },
    images: () =>
      [...collections.values()]
        .flatMap(({ files }) => [...files.keys()])
        .filter((path) => isImageName(nameOf(path)))
        .sort((a, b) => (a < b ? -1 : 1)),
    fail(path, failure) {
      if (failure === null) failures.delete(path as ResourcePath);
      else failures.set(path as ResourcePath, failure);
    },
    garble: (path) => void garbled.add(path as ResourcePath),
    blank(path, isBlank) {
      if (isBlank) blanks.add(path as ResourcePath);
      else blanks.delete(path as ResourcePath);
    },
    useMarkers: (next) => {
      style = next;
    },
    freezeShownMarkers() {
      for (const path of collections.keys()) frozen.set(path, markerOf(path));
    },
    keepMarkers() {
      const kept = [...collections].map(([path, { version }]) => [path, version] as const);
      return () => {
        for (const [path, version] of kept) {
          const collection = collections.get(path);
          if (collection !== undefined) collection.version = version;
        }
      };
    },
    settleMarkers: (are) => {
      areSettled = are;
    },
    detach(path, left) {
      if (left === null) bare.delete(path as ResourcePath);
      else bare.set(path as ResourcePath, left);
    },
    respell(path, spelling) {
      const old = path as ResourcePath;
      const now = spelling as ResourcePath;
      const renamed = (at: ResourcePath) => `${now}${at.slice(old.length)}` as ResourcePath;
      for (const [at, collection] of [...collections]) {
        if (!isWithin(at, old)) continue;
        collections.delete(at);
        const files = new Map([...collection.files].map(([file, size]) => [renamed(file), size]));
        collections.set(renamed(at), { version: collection.version, files });
      }
      spellings.set(old, now);
      touch(parentOf(old));
    },
    swap(a, b) {
      const take = (from: string) => {
        const taken = [...collections].filter(([at]) => isWithin(at, from as ResourcePath));
        for (const [at] of taken) collections.delete(at);
        return taken.map(([at, each]) => [at.slice(from.length), from.length, each] as const);
      };
      const [ofA, ofB] = [take(a), take(b)];
      for (const [place, moved] of [
        [b, ofA],
        [a, ofB],
      ] as const) {
        for (const [rest, length, { version, files }] of moved) {
          const renamed = [...files].map(
            ([file, size]) => [`${place}${file.slice(length)}` as ResourcePath, size] as const,
          );
          collections.set(`${place}${rest}` as ResourcePath, { version, files: new Map(renamed) });
        }
      }
      touch(parentOf(a as ResourcePath));
    },
    mount(path) {
      mkdir(path as ResourcePath);
      mounts.add(path as ResourcePath);
    },
    stopPropagation() {
      doesPropagate = false;
    },
    unmount(path) {
      mounts.delete(path as ResourcePath);
      touch(path as ResourcePath);
    },
    share(path) {
      mkdir(path as ResourcePath);
      shares.add(path as ResourcePath);
    },
    unshare(path) {
      shares.delete(path as ResourcePath);
      for (const at of collections.keys()) if (isWithin(at, path as ResourcePath)) collections.delete(at);
    },
    setFingerprint(now) {
      fingerprint = now;
    },
    overwrite(path, sizeBytes) {
      const at = path as ResourcePath;
      collections.get(parentOf(at))?.files.set(at, sizeBytes);
    },

    async list(path, signal): Promise<Listing> {
      signal.throwIfAborted();
      listed.push(path);
      await storage.onList(path);
      signal.throwIfAborted();
      const failure = failures.get(path);
      if (failure !== undefined) return failedListing(path, failure, `scripted: ${failure}`, 1);
      const listedAs = asListed(path);
      const collection = isAway(listedAs) ? undefined : collections.get(listedAs);
      if (collection === undefined) return failedListing(path, 'not-found', 'scripted: 404', 1);
      const asAsked = (at: ResourcePath) => `${path}${at.slice(listedAs.length)}` as ResourcePath;
      const children = [...collections.keys()].filter((child) => child !== ROOT && parentOf(child) === listedAs);
      const place = bare.get(listedAs);
      const isBlank = blanks.has(path) || place !== undefined;
      return {
        collection: path,
        verdict: { complete: true },
        marker: markerOf(listedAs),
        modifiedAt: place === undefined ? DATE_ZERO + Math.max(...versionsOf(listedAs)) * 10_000 : DATE_ZERO - 1,
        askedAt: DATE_ZERO + versions * 10_000 + 5_000,
        isSettled: areSettled,
        mayPropagate: style === 'subtree',
        isMount: isMount(path),
        fingerprint: path === ROOT ? fingerprint : null,
        images:
          isBlank || garbled.has(path)
            ? []
            : [...collection.files]
                .filter(([file]) => isImageName(nameOf(file)))
                .map(([file, sizeBytes]) => ({ path: asAsked(file), sizeBytes, etag: null, modifiedAt: 0 })),
        collections: isBlank ? [] : children.map((child) => ({ path: asAsked(child), ...shownOf(child) })),
        siblings: isBlank ? null : siblingsOf(collection.files),
        guarded: [],
        misfits: garbled.has(path) ? [...collection.files.keys()].map(() => 'scripted: no usable name') : [],
        memberCount: isBlank ? Number(place?.stray === true) : collection.files.size + children.length,
        requests: 1,
      };
    },

    async probe(path): Promise<Probe> {
      probed.push(path);
      const isThere = collections.has(asListed(path)) && !isAway(asListed(path));
      const failure = failures.get(path) ?? (isThere ? null : 'not-found');
      const answer = {
        failure,
        marker: null,
        isSettled: false,
        mayPropagate: false,
        askedAt: DATE_ZERO + versions * 10_000 + 5_000,
        detail: `scripted: ${failure}`,
        requests: 1,
      };
      if (failure === 'not-found' && !isThere) return { ...answer, presence: 'absent' };
      if (failure !== null && failure !== 'not-found') return { ...answer, presence: 'unknown' };
      const mayPropagate = style === 'subtree';
      const seen = { marker: markerOf(asListed(path)), fingerprint: path === ROOT ? fingerprint : null };
      return { ...answer, presence: 'present', failure: null, ...seen, isSettled: areSettled, mayPropagate };
    },
    async search(_signal, isFirst = false): Promise<Search | null> {
      // As of a server that is known to offer one, or as one whose URL doesn't tell.
      if (isFirst && !isSearchExpected) return null;
      if (searchFault === null || style !== 'subtree') return null;
      searches += 1;
      const known = new Map([...collections.values()].flatMap(({ files }) => [...files]));
      const askedAt = DATE_ZERO + versions * 10_000;
      return faultySearch({ images: storage.images(), sizeOf: (path) => known.get(path) ?? 1, askedAt }, searchFault);
    },
    close: async () => undefined,
  };
  return storage;
}
