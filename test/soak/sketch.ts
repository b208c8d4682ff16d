import { isWithin, parentOf, type ResourcePath } from '../../src/domain/path.js';
import type { Change } from './history.js';

/** What is where, as far as drawing the next step needs to know. */
export interface Sketch {
  /** The root included. */
  readonly collections: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  readonly mounts: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
  /** Whether it can be done as things are. */
  canDo(change: Change): boolean;
  apply(change: Change): void;
  /** Names directly inside. */
  namesIn(collection: string): string[];
  isFree(path: string): boolean;
}

const parent = (path: string) => parentOf(path as ResourcePath) as string;
const within = (path: string, ancestor: string) => isWithin(path as ResourcePath, ancestor as ResourcePath);

export function createSketch(): Sketch {
  const collections = new Set(['']);
  const files = new Set<string>();
  const mounts = new Set<string>();
  const links = new Set<string>();
  const everything = [collections, files, mounts, links];

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
    switch (change.kind) {
      case 'put':
        return change.path !== '' && !collections.has(change.path) && hasPlace(change.path);
      case 'replace':
        return files.has(change.path);
      case 'remove':
        return change.path !== '' && (files.has(change.path) || collections.has(change.path));
      case 'mkdir':
        return isFree(change.path) && hasPlace(change.path);
      case 'move': {
        const { from, to } = change;
        const isThere = from !== '' && (files.has(from) || collections.has(from));
        // Over a file goes a file alone, as rename(2) has it.
        return isThere && hasPlace(to) && !within(to, from) && (isFree(to) || (files.has(from) && files.has(to)));
      }
      case 'link':
        // With a second one a loop would have two ways around at every turn.
        return links.size === 0 && isFree(change.path) && hasPlace(change.path) && collections.has(change.target);
      case 'mount':
        return change.path !== '' && collections.has(change.path) && !links.has(change.path);
    }
  };

  return {
    collections,
    files,
    mounts,
    links,
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
      }
    },
  };
}
