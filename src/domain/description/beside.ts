import type { Sibling } from '../model/listing.js';
import type { ReferencedFile } from './descriptor.js';
import { chunkName, nameAmong, resolveHref } from './href.js';

/** What the files beside a descriptor say against it. */
export interface Finding {
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
}

/** No disk of any format has a header shorter than a sector: a file with less of it has hardly begun to arrive. */
const DISK_HEADER_BYTES = 512;

/**
 * Compares what a descriptor refers to with the files beside it, name for name. A size that differs is a note: exporters
 * write wrong ones, and who compresses a disk afterwards leaves the old one.
 */
export function compareWithSiblings(files: readonly ReferencedFile[], siblings: readonly Sibling[]): Finding {
  const { sizes, partsOf } = folderOf(siblings);
  const reasons: string[] = [];
  const notes: string[] = [];
  for (const file of files) {
    const target = resolveHref(file.href);
    if (target.kind === 'outside') continue;
    const path = nameAmong(target, (name) => sizes.has(name) || sizes.has(chunkName(name, 0)));
    if (path.includes('/')) {
      notes.push(`${path} is in a folder, which was not looked into`);
      continue;
    }
    const found =
      sizes.has(path) || file.chunkSize === null ? wholeFile(sizes, path) : inParts(partsOf(path), path, file);
    if (found.missing !== null) reasons.push(`missing-file: ${found.missing}`);
    else if (found.size !== null) {
      const finding = compareSize(path, found.size, file.size);
      reasons.push(...finding.reasons);
      notes.push(...finding.notes);
    }
  }
  return { reasons, notes };
}

interface Folder {
  readonly sizes: Sizes;
  readonly partsOf: (path: string) => Parts;
}

/** Kept as long as the list that it is made of: a folder may have thousands of descriptors, judged one after the other. */
const folders = new WeakMap<readonly Sibling[], Folder>();

function folderOf(siblings: readonly Sibling[]): Folder {
  const known = folders.get(siblings);
  if (known !== undefined) return known;
  const sizes = new Map(siblings.map(({ name, sizeBytes }) => [name, sizeBytes]));
  const folder = { sizes, partsOf: countingParts(sizes) };
  folders.set(siblings, folder);
  return folder;
}

/** Compares the size of a file with what the descriptor says it has, null if it doesn't. */
export function compareSize(path: string, sizeBytes: number, said: ReferencedFile['size']): Finding {
  if (said === null) return sizeBytes === 0 ? { reasons: [`short-file: ${path}`], notes: [] } : NOTHING;
  if (BigInt(sizeBytes) === BigInt(said)) return NOTHING;
  return sizeBytes < DISK_HEADER_BYTES && BigInt(sizeBytes) < BigInt(said)
    ? { reasons: [`short-file: ${path}`], notes: [] }
    : { reasons: [], notes: [`${path} has ${sizeBytes} bytes; the descriptor says ${said}`] };
}

const NOTHING: Finding = { reasons: [], notes: [] };

type Sizes = ReadonlyMap<string, number | null>;

interface Found {
  readonly missing: string | null;
  readonly size: number | null;
}

function wholeFile(sizes: Sizes, path: string): Found {
  return sizes.has(path) ? { missing: null, size: sizes.get(path) ?? null } : { missing: path, size: null };
}

/** The parts of a file that follow each other from the first one on. */
export interface Parts {
  readonly count: number;
  /** Of all of them together; null if it isn't known. */
  readonly sizeBytes: number | null;
}

/**
 * Returns what counts the parts of a file among others, of which `sizes` has the sizes; null is one that isn't known. Any
 * number of references may name the same file, so its parts are counted once.
 */
export function countingParts(sizes: ReadonlyMap<string, number | null>): (path: string) => Parts {
  const counted = new Map<string, Parts>();
  return (path) => {
    const known = counted.get(path);
    if (known !== undefined) return known;
    let count = 0;
    let sizeBytes: number | null = 0;
    for (let size = sizes.get(chunkName(path, 0)); size !== undefined; size = sizes.get(chunkName(path, count))) {
      sizeBytes = sizeBytes === null || size === null ? null : sizeBytes + size;
      count += 1;
    }
    counted.set(path, { count, sizeBytes });
    return { count, sizeBytes };
  };
}

/** How many parts there must be follows from the size of the file, if that is said. */
function inParts({ count, sizeBytes }: Parts, path: string, { size, chunkSize }: ReferencedFile): Found {
  const each = Number(chunkSize);
  const needed = size === null || each <= 0 ? 1 : Math.max(1, Math.ceil(Number(size) / each));
  return count < needed ? { missing: chunkName(path, count), size: null } : { missing: null, size: sizeBytes };
}
