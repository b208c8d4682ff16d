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
  /** Whether a collection's marker moves with its members, as on Apache; it does at first. */
  moveMarkers(doMove: boolean): void;
  /** Collections in the order in which they were listed. */
  readonly listed: ResourcePath[];
  /** Runs before each listing is answered. */
  onList: (collection: ResourcePath) => void | Promise<void>;
}

interface Collection {
  version: number;
  readonly files: Map<ResourcePath, number>;
}

export function createMemoryStorage(): MemoryStorage {
  const collections = new Map<ResourcePath, Collection>([[ROOT, { version: 0, files: new Map() }]]);
  const failures = new Map<ResourcePath, ListingFailure>();
  const blanks = new Set<ResourcePath>();
  const listed: ResourcePath[] = [];
  let versions = 0;
  let doMarkersMove = true;

  const touch = (path: ResourcePath) => {
    const collection = collections.get(path);
    versions += 1;
    if (collection !== undefined && doMarkersMove) collection.version = versions;
  };

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
    moveMarkers: (doMove) => {
      doMarkersMove = doMove;
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
        marker: `etag:${collection.version}`,
        images: isBlank
          ? []
          : [...collection.files]
              .filter(([file]) => isImageName(nameOf(file)))
              .map(([file, sizeBytes]) => ({ path: file, name: nameOf(file), sizeBytes, etag: null, modifiedAt: 0 })),
        collections: isBlank ? [] : children.map((child) => ({ path: child, marker: null })),
        guarded: [],
        memberCount: isBlank ? 0 : collection.files.size + children.length,
        requests: 1,
      };
    },

    async probe(path): Promise<Probe> {
      const failure = failures.get(path);
      if (failure !== undefined && failure !== 'not-found') {
        return { presence: 'unknown', detail: `scripted: ${failure}`, requests: 1 };
      }
      return { presence: collections.has(path) ? 'present' : 'absent', detail: 'scripted', requests: 1 };
    },
    close: async () => undefined,
  };
  return storage;
}
