import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { contentFor, join, seededRandom } from '../../support/awkward-tree.js';
import { find } from './disk-truth.js';

/** How many of each in a tree of `FULL_SIZE` files; together far below the share of a space whose removal is held. */
const FULL_SIZE = 7_000;
const DELETED_FILES = 150;
const RENAMED_FILES = 150;
const MOVED_FILES = 60;
const RETYPED_FILES = 60;
const ADDED_FILES = 200;
const CHANGED_LEAVES = 24;
const RENAMED_COLLECTIONS = 8;
const DELETED_COLLECTIONS = 8;
const EMPTIED_COLLECTIONS = 4;
const ADDED_COLLECTIONS = 20;

/** An ordinary day: long past, so that images and markers of it are settled, and whole in seconds. */
const SETTLED_SECONDS = Date.UTC(2024, 4, 17, 12, 0, 0) / 1000;

export interface TreeChanges {
  /** One round of changes; no file and no collection that another round had touched. */
  makeSome(): void;
  /** As `makeSome`, but every directory keeps its modification time, as after `rsync -t` or a restore. */
  makeSomeUnnoticed(): void;
}

/**
 * Plans changes of every kind below a directory: files and collections that are
 * deleted, added, renamed, moved, emptied, or turn from image to non-image and
 * from file to collection. Sets the times of everything back first.
 */
export async function planTreeChanges(directory: string, seed: number): Promise<TreeChanges> {
  const random = seededRandom(seed);
  const root = Buffer.from(directory);
  const collections = (await find(directory, '-type', 'd')).map((path) => join(root, path));
  const parents = new Set(collections.map((path) => keyOf(parentOf(path))));
  const leaves = shuffled(
    collections.filter((path) => !parents.has(keyOf(path)) && readdirSync(path).length > 0),
    random,
  );
  const inner = [root, ...collections.filter((path) => parents.has(keyOf(path)))];
  const innerKeys = new Set(inner.map(keyOf));
  const everyFile = (await find(directory, '-type', 'f')).map((path) => join(root, path));
  // Files of leaf collections change with these, all others one by one.
  const files = shuffled(
    everyFile.filter((path) => innerKeys.has(keyOf(parentOf(path)))),
    random,
  );
  for (const path of [...everyFile, ...collections, root]) utimesSync(path, SETTLED_SECONDS, SETTLED_SECONDS);

  const share = Math.min(1, everyFile.length / FULL_SIZE);
  const scaled = (count: number) => Math.ceil(count * share);

  let round = 0;
  const takeFiles = (count: number) => takeAll(files, scaled(count));
  const takeLeaves = (count: number) => takeAll(leaves, scaled(count));
  const pickInner = () => inner[Math.floor(random() * inner.length)] ?? root;
  const freshName = (kind: string, n: number, extension: string) =>
    Buffer.from(`${kind} #${round}+${n} 100%${extension}`);
  const write = (path: Buffer) => writeFileSync(path, contentFor(Buffer.concat([path, Buffer.from(`#${round}`)])));

  const changeFiles = () => {
    for (const path of takeFiles(DELETED_FILES)) rmSync(path);
    for (const [n, path] of takeFiles(RENAMED_FILES).entries()) {
      renameSync(path, join(parentOf(path), freshName('renamed', n, n % 3 === 0 ? '.OVF' : '.ova')));
    }
    for (const [n, path] of takeFiles(MOVED_FILES).entries())
      renameSync(path, join(pickInner(), freshName('moved', n, '.ova')));
    for (const [n, path] of takeFiles(RETYPED_FILES).entries()) {
      renameSync(path, Buffer.concat([path, Buffer.from(n % 2 === 0 ? '.part' : '.Ova')]));
    }
    for (const [n, path] of takeFiles(2).entries()) {
      rmSync(path);
      mkdirSync(path); // a collection where a file was
      write(join(path, freshName('inside', n, '.ova')));
    }
    for (let n = 0; n < scaled(ADDED_FILES); n++)
      write(join(pickInner(), freshName('added', n, n % 5 === 0 ? '.txt' : '.ova')));
  };
  /** Leaf collections are what an incremental sync may skip. */
  const changeLeaves = (changed: readonly Buffer[]) => {
    for (const [n, path] of changed.entries()) {
      const [first, second] = readdirSync(path, { encoding: 'buffer' });
      if (first !== undefined && n % 3 !== 0) rmSync(join(path, first), { recursive: true });
      if (second !== undefined && n % 3 !== 1)
        renameSync(join(path, second), join(path, freshName('other', n, '.ova')));
      write(join(path, freshName('added', n, '.ova')));
    }
  };
  const changeCollections = () => {
    for (const [n, path] of takeLeaves(RENAMED_COLLECTIONS).entries()) {
      renameSync(path, join(parentOf(path), freshName('renamed collection', n, '')));
    }
    for (const path of takeLeaves(DELETED_COLLECTIONS)) rmSync(path, { recursive: true });
    for (const path of takeLeaves(2)) {
      rmSync(path, { recursive: true });
      write(path); // a file where a collection was
    }
    for (let n = 0; n < scaled(ADDED_COLLECTIONS); n++) {
      let path = pickInner();
      for (let depth = 0; depth < 3; depth++) {
        path = join(path, freshName('new collection', n, depth === 1 ? '.ova' : ''));
        mkdirSync(path);
        write(join(path, freshName('new', n, '.ova')));
      }
    }
  };
  const emptyCollections = () => {
    for (const path of takeLeaves(EMPTIED_COLLECTIONS)) {
      for (const name of readdirSync(path, { encoding: 'buffer' })) rmSync(join(path, name), { recursive: true });
    }
  };

  return {
    makeSome() {
      round++;
      changeFiles();
      changeLeaves(takeLeaves(CHANGED_LEAVES));
      changeCollections();
      emptyCollections();
    },
    makeSomeUnnoticed() {
      round++;
      const changedLeaves = takeLeaves(CHANGED_LEAVES);
      const times = [...inner, ...changedLeaves].map((path) => ({ path, stat: statSync(path) }));
      changeFiles();
      changeLeaves(changedLeaves);
      changeCollections();
      for (const { path, stat } of times) utimesSync(path, stat.atimeMs / 1000, stat.mtimeMs / 1000);
    },
  };
}

function takeAll<T>(pool: T[], count: number): T[] {
  if (pool.length < count) throw new Error(`${count} more are wanted, ${pool.length} are left untouched`);
  return pool.splice(0, count);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

/** Bytes as text that compares exactly. */
function keyOf(path: Buffer): string {
  return path.toString('latin1');
}

function parentOf(path: Buffer): Buffer {
  return path.subarray(0, path.lastIndexOf('/'));
}
