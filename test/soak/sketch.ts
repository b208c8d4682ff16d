import { isWithin, parentOf, type ResourcePath } from '../../src/domain/model/path.js';
import { type Spelling, spellingKey } from '../support/dav-server/spelling.js';
import type { Change } from './history.js';

/** What is where, as far as drawing the next step needs to know. */
export interface Sketch {
  /** The root included. */
  readonly collections: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  readonly mounts: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
  /** Mount points whose disk is away. */
  readonly detached: ReadonlySet<string>;
  /** Whether it can be done as things are. */
  canDo(change: Change): boolean;
  apply(change: Change): void;
  /** Names directly inside. */
  namesIn(collection: string): string[];
  isFree(path: string): boolean;
}

const parent = (path: string) => parentOf(path as ResourcePath) as string;
const within = (path: string, ancestor: string) => isWithin(path as ResourcePath, ancestor as ResourcePath);

/** `spelling`: which names are one to the storage, so that they can't stand side by side. */
export function createSketch(spelling: Spelling = 'none'): Sketch {
  const collections = new Set(['']);
  const files = new Set<string>();
  const mounts = new Set<string>();
  const links = new Set<string>();
  const everything = [collections, files, mounts, links];
  const disks = new Map<string, readonly (readonly string[])[]>();
  const key = (path: string) => spellingKey(Buffer.from(path).toString('latin1'), spelling);
  /** Another spelling of the path, or of a collection above it, is there; not counting what is within `but`. */
  const clashes = (path: string, but: string | null = null): boolean => {
    if (spelling === 'none' || path === '') return false;
    const isOther = (each: string) => each !== path && key(each) === key(path) && (but === null || !within(each, but));
    return [...collections, ...files].some(isOther) || clashes(parent(path), but);
  };
  const isDetachedAt = (path: string) => [...disks.keys()].some((disk) => within(disk, path));
  const isOnMountPoint = (path: string) => [...disks.keys()].some((disk) => within(path, disk));

  const mkdir = (path: string) => {
    if (path !== '') mkdir(parent(path));
    collections.add(path);
  };
  const isFree = (path: string) => path !== '' && !collections.has(path) && !files.has(path);
  /** Whether every collection above is one or can be made. */
  const hasPlace = (path: string): boolean => {
    const above = parent(path);
    if (links.has(above) || files.has(above)) return false;
    return above === '' || collections.has(above) || hasPlace(above);
  };
  const canDo = (change: Change): boolean => {
    const made = change.kind === 'move' ? change.to : change.path;
    if (clashes(made, change.kind === 'move' ? change.from : null)) return false;
    switch (change.kind) {
      case 'put':
        return change.path !== '' && !collections.has(change.path) && hasPlace(change.path);
      case 'replace':
        return files.has(change.path);
      case 'remove':
        if (change.path === '' || isDetachedAt(change.path)) return false;
        return files.has(change.path) || collections.has(change.path);
      case 'mkdir':
        return isFree(change.path) && hasPlace(change.path);
      case 'move': {
        const { from, to } = change;
        const isThere = from !== '' && (files.has(from) || collections.has(from)) && !isDetachedAt(from);
        // Over a file goes a file alone, as rename(2) has it.
        return isThere && hasPlace(to) && !within(to, from) && (isFree(to) || (files.has(from) && files.has(to)));
      }
      case 'link':
        // With a second one a loop would have two ways around at every turn.
        return links.size === 0 && isFree(change.path) && hasPlace(change.path) && collections.has(change.target);
      case 'mount':
        return change.path !== '' && collections.has(change.path) && !links.has(change.path);
      case 'detach': {
        const isFree = !isDetachedAt(change.path) && !isOnMountPoint(change.path);
        return links.size === 0 && collections.has(change.path) && isFree;
      }
      case 'attach':
        return disks.has(change.path);
    }
  };

  /** Takes away all that is strictly below, in the order of `everything`. */
  const takeBelow = (path: string) =>
    everything.map((set) => {
      const below = [...set].filter((each) => each !== path && within(each, path));
      for (const each of below) set.delete(each);
      return below;
    });

  return {
    collections,
    files,
    mounts,
    links,
    get detached() {
      return new Set(disks.keys());
    },
    canDo,
    isFree,
    namesIn: (collection) =>
      [...collections, ...files]
        .filter((path) => path !== '' && parent(path) === collection)
        .map((path) => path.slice(collection === '' ? 0 : collection.length + 1)),
    apply(change) {
      if (!canDo(change)) return;
      switch (change.kind) {
        case 'put':
          mkdir(parent(change.path));
          files.add(change.path);
          return;
        case 'replace':
          return;
        case 'remove':
          for (const set of everything) for (const each of set) if (within(each, change.path)) set.delete(each);
          return;
        case 'mkdir':
          return mkdir(change.path);
        case 'move':
          mkdir(parent(change.to));
          for (const set of everything) {
            for (const each of [...set]) {
              if (!within(each, change.from)) continue;
              set.delete(each);
              set.add(change.to + each.slice(change.from.length));
            }
          }
          return;
        case 'link':
          mkdir(change.path);
          links.add(change.path);
          return;
        case 'mount':
          if (change.isMount) mounts.add(change.path);
          else mounts.delete(change.path);
          return;
        case 'detach':
          disks.set(change.path, takeBelow(change.path));
          for (const name of change.strays) files.add(change.path === '' ? name : `${change.path}/${name}`);
          return;
        case 'attach': {
          const disk = disks.get(change.path) ?? [];
          takeBelow(change.path);
          disks.delete(change.path);
          everything.forEach((set, i) => {
            for (const each of disk[i] ?? []) set.add(each);
          });
        }
      }
    },
  };
}
