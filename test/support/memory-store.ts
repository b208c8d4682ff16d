import { isImageName } from '../../src/domain/image.js';
import { failedListing, type Listing, type ListingFailure, type Probe } from '../../src/domain/listing.js';
import { isWithin, nameOf, parentOf, type ResourcePath, ROOT } from '../../src/domain/path.js';
import type { RemoteStore } from '../../src/domain/ports.js';

/** A storage in memory that lies only where it is told to. */
export interface MemoryStorage extends RemoteStore {
  /** Puts a file, and the collections above it. */
  put(path: string, sizeBytes?: number): void;
  mkdir(path: string): void;
  /** Removes the file or the collection with all below it. */
  remove(path: string): void;
  /** Every image's path, in order. */
  images(): readonly string[];
  /** From now on listing this collection fails so; null heals it. */
  fail(path: string, failure: ListingFailure | null): void;
  /** From now on this collection shows only itself, as an unreadable one on some servers. */
  blank(path: string, isBlank: boolean): void;
  /** From now on markers move like this; `names` at first. */
  useMarkers(style: MarkerStyle): void;
  /** From now on markers are too young to be trusted, or old enough again, as they are at first. */
  settleMarkers(areSettled: boolean): void;
  /** Makes a collection a mount: what changes inside moves no marker outside. */
  mount(path: string): void;
  /** Makes it a part of the space again, which moves the markers of both. */
  unmount(path: string): void;
  /** Changes a file's size without any marker showing it, as a write in place does on most servers. */
  overwrite(path: string, sizeBytes: number): void;
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

interface Collection {
  version: number;
  readonly files: Map<ResourcePath, number>;
}

/** All its files date from the epoch, and it is asked so much later. */
const AN_HOUR_MS = 3_600_000;

export function createMemoryStorage(): MemoryStorage {
  const collections = new Map<ResourcePath, Collection>([[ROOT, { version: 0, files: new Map() }]]);
  const failures = new Map<ResourcePath, ListingFailure>();
  const blanks = new Set<ResourcePath>();
  const mounts = new Set<ResourcePath>();
  const listed: ResourcePath[] = [];
  const probed: ResourcePath[] = [];
  let versions = 0;
  let style: MarkerStyle = 'names';
  let areSettled = true;

  const touch = (path: ResourcePath) => {
    versions += 1;
    for (let at = path; ; at = parentOf(at)) {
      const collection = collections.get(at);
      if (collection !== undefined && style !== 'still') collection.version = versions;
      if (style !== 'subtree' || at === ROOT || mounts.has(at)) return;
    }
  };
  const markerOf = (path: ResourcePath) => `etag:${collections.get(path)?.version}`;
  const isMount = (path: ResourcePath) => [...mounts].some((mount) => isWithin(path, mount));

  const mkdir = (path: ResourcePath): Collection => {
    const existing = collections.get(path);
    if (existing !== undefined) return existing;
    mkdir(parentOf(path));
    const created = { version: 0, files: new Map() };
    collections.set(path, created);
    touch(parentOf(path));
    return created;
  };

  const storage: MemoryStorage = {
    listed,
    probed,
    onList: () => undefined,
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
    blank(path, isBlank) {
      if (isBlank) blanks.add(path as ResourcePath);
      else blanks.delete(path as ResourcePath);
    },
    useMarkers: (next) => {
      style = next;
    },
    settleMarkers: (are) => {
      areSettled = are;
    },
    mount(path) {
      mkdir(path as ResourcePath);
      mounts.add(path as ResourcePath);
    },
    unmount(path) {
      mounts.delete(path as ResourcePath);
      touch(path as ResourcePath);
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
      const collection = collections.get(path);
      if (collection === undefined) return failedListing(path, 'not-found', 'scripted: 404', 1);
      const children = [...collections.keys()].filter((child) => child !== ROOT && parentOf(child) === path);
      const isBlank = blanks.has(path);
      return {
        collection: path,
        verdict: { complete: true },
        marker: markerOf(path),
        modifiedAt: null,
        askedAt: AN_HOUR_MS,
        isSettled: areSettled,
        mayPropagate: style === 'subtree',
        isMount: isMount(path),
        images: isBlank
          ? []
          : [...collection.files]
              .filter(([file]) => isImageName(nameOf(file)))
              .map(([file, sizeBytes]) => ({ path: file, sizeBytes, etag: null, modifiedAt: 0 })),
        collections: isBlank
          ? []
          : children.map((child) => ({ path: child, marker: markerOf(child), isMount: isMount(child) })),
        guarded: [],
        memberCount: isBlank ? 0 : collection.files.size + children.length,
        requests: 1,
      };
    },

    async probe(path): Promise<Probe> {
      probed.push(path);
      const failure = failures.get(path) ?? (collections.has(path) ? null : 'not-found');
      const answer = { failure, marker: null, mayPropagate: false, detail: `scripted: ${failure}`, requests: 1 };
      if (failure === 'not-found' && !collections.has(path)) return { ...answer, presence: 'absent' };
      if (failure !== null && failure !== 'not-found') return { ...answer, presence: 'unknown' };
      const mayPropagate = style === 'subtree';
      return { ...answer, presence: 'present', failure: null, marker: markerOf(path), mayPropagate };
    },
    close: async () => undefined,
  };
  return storage;
}
