import { compareSize, type Finding } from '../../domain/description/beside.js';
import type { ReferencedFile } from '../../domain/description/descriptor.js';
import { chunkName, resolveHref } from '../../domain/description/href.js';
import { BLOCK, inBlocks } from './header.js';
import type { Member, Walk } from './members.js';

/** Whether an archive has everything that its descriptor refers to, as far as its headers tell. */
export type Wholeness =
  | { readonly kind: 'judged'; readonly reasons: readonly string[]; readonly notes: readonly string[] }
  /** The sizes don't add up: the next header has to be looked at. */
  | { readonly kind: 'unsettled' };

/** Manifest, certificate and the zero blocks that fill up a record: what follows the files, in bytes, at most. */
const MOST_AFTER_FILES = 131_072;

const UNMARKED = 'the archive has no zero blocks at its end';

/**
 * Judges an archive by its headers; those that aren't known yet are not needed if the sizes of the files that are still
 * to come fit what is left of it.
 */
export function judgeWholeness(
  { members, end }: Walk,
  descriptor: Member,
  files: readonly ReferencedFile[],
  total: number | null,
): Wholeness {
  const names = new Set(members.map(({ name }) => name));
  const folder = descriptor.name.slice(0, descriptor.name.lastIndexOf('/') + 1);
  const missing = files.flatMap((file) => missingOf(file, folder, names) ?? []);
  const missingReasons = missing.map(({ name }) => `missing-member: ${name}`);
  const { reasons: short, notes } = compareSizes(files, folder, members);
  switch (end.kind) {
    case 'cut':
      return judged(['truncated'], []);
    case 'damaged':
      return judged(
        [...missingReasons, ...short],
        [...notes, `the archive is damaged: there is no header at byte ${end.at}`],
      );
    case 'end':
      // Most archives end with zero blocks: one that doesn't, and lacks something, was cut off between two members.
      if (!end.isMarked) return missing.length > 0 ? judged(['truncated'], notes) : judged(short, [...notes, UNMARKED]);
      return judged([...missingReasons, ...short], notes);
    case 'needs': {
      if (missing.length === 0) return judged(short, notes);
      const rest = total === null ? null : total - end.at;
      const needed = missing.reduce<number | null>((sum, { stored }) => {
        return sum === null || stored === null ? null : sum + stored;
      }, 0);
      if (rest === null || needed === null) return { kind: 'unsettled' };
      return needed <= rest && rest - needed <= MOST_AFTER_FILES ? judged(short, notes) : { kind: 'unsettled' };
    }
  }
}

function judged(reasons: readonly string[], notes: readonly string[]): Wholeness {
  return { kind: 'judged', reasons, notes };
}

/** Compares the sizes of whole files with those that the descriptor says; of sparse ones less is stored. */
function compareSizes(files: readonly ReferencedFile[], folder: string, members: readonly Member[]): Finding {
  const byName = new Map(members.map((member) => [member.name, member]));
  const findings = files.flatMap(({ href, size }) => {
    const target = resolveHref(href);
    if (target.kind === 'outside') return [];
    const member = byName.get(folder + target.path) ?? byName.get(target.path);
    return member === undefined || member.isSparse ? [] : compareSize(target.path, member.size, size);
  });
  return {
    reasons: findings.flatMap(({ reasons }) => reasons),
    notes: findings.flatMap(({ notes }) => notes),
  };
}

/** Returns what of a file is not among the members, and how much it takes in an archive with its header. */
function missingOf(
  file: ReferencedFile,
  folder: string,
  names: ReadonlySet<string>,
): { readonly name: string; readonly stored: number | null } | null {
  const target = resolveHref(file.href);
  if (target.kind === 'outside') return null;
  const path =
    names.has(folder + target.path) || names.has(chunkName(folder + target.path, 0))
      ? folder + target.path
      : target.path;
  if (names.has(path)) return null;
  const size = file.size === null ? null : Number(file.size);
  if (file.chunkSize === null) return { name: path, stored: size === null ? null : BLOCK + inBlocks(size) };
  return missingChunk(path, size, Number(file.chunkSize), names);
}

function missingChunk(path: string, size: number | null, chunkSize: number, names: ReadonlySet<string>) {
  const isUsual = size !== null && chunkSize > 0;
  const count = isUsual ? Math.max(1, Math.ceil(size / chunkSize)) : 1;
  // As many as there are members, and one more, are enough to find a gap.
  const looked = Math.min(count, names.size + 1);
  let present = 0;
  while (present < looked && names.has(chunkName(path, present))) present += 1;
  if (present === count) return null;
  const stored = isUsual ? size - present * chunkSize + (count - present) * 2 * BLOCK : null;
  return { name: chunkName(path, present), stored };
}
