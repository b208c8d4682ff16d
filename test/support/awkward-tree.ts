import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinText } from 'node:path';
import { awkwardNames, type NameTrait, normalisationTwins } from './awkward-names.js';

export interface TreeOptions {
  readonly collections: number;
  readonly files: number;
  /** The same seed and options write the same tree. */
  readonly seed: number;
  /** `plain` gives every file and collection a name of ASCII letters and digits. */
  readonly names?: 'awkward' | 'plain';
  /** Names that the server in question can't carry. */
  readonly leaveOut?: readonly NameTrait[];
}

/** As deep as personal spaces get; an eighth level still fits a path of 255 bytes a name. */
const MAX_DEPTH = 8;
/** One in so many collections holds no file. */
const EMPTY_EVERY = 25;
/** One in so many files comes as a pair of normalisation twins. */
const TWINS_EVERY = 40;

/** Weighted by repetition: somewhat more than half of the files are images. */
const EXTENSIONS: readonly string[] = [
  ...Array<string>(12).fill('.ova'),
  ...Array<string>(6).fill('.ovf'),
  ...['.OVA', '.OVA', '.Ova', '.OVF', '.oVf'],
  ...['.vmdk', '.vmdk', '.iso', '.mf', '.txt', '.nvram', '.ova.part', '.ovf.filepart', '.ova.bak', '.ova ', 'ova', ''],
];

interface Collection {
  readonly path: Buffer;
  readonly depth: number;
  /** Names taken, as Latin-1 text so that bytes compare exactly. */
  readonly taken: Set<string>;
}

/**
 * Fills an existing directory with nested collections and small files whose
 * content is a digest of their own path, so that each file is told from all others.
 */
export function writeAwkwardTree(directory: string, options: TreeOptions): void {
  const random = seededRandom(options.seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const isPlain = options.names === 'plain';
  const leaveOut = options.leaveOut ?? [];
  const stems = awkwardNames(leaveOut).map((name) => name.bytes);
  const appleDouble = leaveOut.includes('leading-dot') ? [] : [Buffer.from('._')];

  const root: Collection = { path: Buffer.from(directory), depth: 0, taken: new Set() };
  const collections = [root];
  const open = [root];

  const addCollection = (parent: Collection, name: Buffer) => {
    const path = join(parent.path, name);
    mkdirSync(path);
    const collection = { path, depth: parent.depth + 1, taken: new Set<string>() };
    collections.push(collection);
    if (collection.depth < MAX_DEPTH) open.push(collection);
  };
  const addFile = (parent: Collection, name: Buffer) => {
    const path = join(parent.path, name);
    writeFileSync(path, contentFor(path.subarray(root.path.length)));
  };

  for (let i = 1; i <= options.collections; i++) {
    const parent = pick(random() < 0.2 ? open.slice(-20) : open);
    const stem = isPlain ? Buffer.from(`dir${i}`) : pick(stems);
    // A collection that is called like an image is still none.
    const suffix = !isPlain && i % 50 === 0 ? '.ova' : '';
    addCollection(parent, freeName(parent, stem, suffix));
  }

  const holders = collections.filter((_, i) => i % EMPTY_EVERY !== EMPTY_EVERY - 1);
  for (let i = 1; i <= options.files; i++) {
    const parent = pick(holders);
    const extension = pick(EXTENSIONS);
    if (isPlain) {
      addFile(parent, freeName(parent, Buffer.from(`file${i}`), extension.trim()));
    } else if (i % TWINS_EVERY === 0 && i < options.files) {
      for (const twin of pick(normalisationTwins)) addFile(parent, freeName(parent, twin, extension));
      i++; // twins are two files
    } else {
      const stem = pick(stems);
      const isDouble = appleDouble.length > 0 && i % 60 === 0;
      addFile(parent, freeName(parent, isDouble ? Buffer.concat([...appleDouble, stem]) : stem, extension));
    }
  }
}

/** A new directory that servers may read, too, which drop root's rights. */
export function makeSharedDirectory(): string {
  const directory = mkdtempSync(joinText(tmpdir(), 'ovadex-tree-'));
  chmodSync(directory, 0o755);
  return directory;
}

/** A small file's content that no other path has. */
export function contentFor(path: Uint8Array): string {
  return `${createHash('sha256').update(path).digest('hex')}\n`;
}

/** Directory and name joined as bytes: names need not be UTF-8. */
export function join(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, Buffer.from('/'), name]);
}

/** The name itself, or with the first number that makes it new in its collection. */
function freeName(parent: Collection, stem: Buffer, extension: string): Buffer {
  for (let n = 1; ; n++) {
    const name = Buffer.concat([stem, Buffer.from(n === 1 ? extension : `-${n}${extension}`)]);
    const key = name.toString('latin1');
    if (parent.taken.has(key)) continue;
    parent.taken.add(key);
    return name;
  }
}

/** Mulberry32: 32 bits of state are plenty for choosing names. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
