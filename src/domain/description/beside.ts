import type { Sibling } from '../model/listing.js';
import type { ReferencedFile } from './descriptor.js';
import { chunkName, resolveHref } from './href.js';

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
  const sizes = new Map(siblings.map(({ name, sizeBytes }) => [name, sizeBytes]));
  const reasons: string[] = [];
  const notes: string[] = [];
  for (const file of files) {
    const target = resolveHref(file.href);
    if (target.kind === 'outside') continue;
    const { path } = target;
    if (path.includes('/')) {
      notes.push(`${path} is in a folder, which was not looked into`);
      continue;
    }
    const found = sizes.has(path) || file.chunkSize === null ? wholeFile(sizes, path) : chunks(sizes, path, file);
    if (found.missing !== null) reasons.push(`missing-file: ${found.missing}`);
    else if (found.size !== null) {
      const finding = compareSize(path, found.size, file.size);
      reasons.push(...finding.reasons);
      notes.push(...finding.notes);
    }
  }
  return { reasons, notes };
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

/** Adds up the parts of a file; how many there must be follows from its size, if that is said. */
function chunks(sizes: Sizes, path: string, { size, chunkSize }: ReferencedFile): Found {
  const each = Number(chunkSize);
  const count = size === null || each <= 0 ? 1 : Math.max(1, Math.ceil(Number(size) / each));
  let total: number | null = 0;
  for (let index = 0; index < count || sizes.has(chunkName(path, index)); index++) {
    const part = chunkName(path, index);
    if (!sizes.has(part)) return { missing: part, size: null };
    const partSize: number | null = sizes.get(part) ?? null;
    total = total === null || partSize === null ? null : total + partSize;
  }
  return { missing: null, size: total };
}
