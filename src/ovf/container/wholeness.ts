import { compareSize, countingParts, type Finding, type Parts } from '../../domain/description/beside.js';
import type { ReferencedFile } from '../../domain/description/descriptor.js';
import { chunkName, nameAmong, resolveHref } from '../../domain/description/href.js';
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
  const stored = membersByName(members);
  const folder = descriptor.name.slice(0, descriptor.name.lastIndexOf('/') + 1);
  const missing = files.flatMap((file) => missingOf(file, folder, stored) ?? []);
  const missingReasons = missing.map(({ name }) => `missing-member: ${name}`);
  const { reasons: short, notes } = compareSizes(files, folder, stored);
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

/** Members by their names; the last of a name counts. */
interface Stored {
  get(name: string): Member | undefined;
  partsOf(path: string): Parts;
}

function membersByName(members: readonly Member[]): Stored {
  const byName = new Map(members.map((member) => [member.name, member]));
  // Of a sparse file less is stored than it has.
  const sizes = new Map(members.map(({ name, size, isSparse }) => [name, isSparse ? null : size]));
  return { get: (name) => byName.get(name), partsOf: countingParts(sizes) };
}

/** Returns what a file is called, and where it is in the archive, or would be; null if it is outside. */
function placeOf({ href }: ReferencedFile, folder: string, stored: Stored) {
  const target = resolveHref(href);
  if (target.kind === 'outside') return null;
  const isStored = (path: string) => stored.get(path) !== undefined || stored.partsOf(path).count > 0;
  const name = nameAmong(target, (path) => isStored(folder + path) || isStored(path));
  return { name, path: isStored(folder + name) ? folder + name : name };
}

/** Compares the sizes of files that are there with those that the descriptor says; of sparse ones less is stored. */
function compareSizes(files: readonly ReferencedFile[], folder: string, stored: Stored): Finding {
  const findings = files.flatMap((file) => {
    const place = placeOf(file, folder, stored);
    if (place === null || missingOf(file, folder, stored) !== null) return [];
    const member = stored.get(place.path);
    if (member === undefined) {
      const { sizeBytes } = stored.partsOf(place.path);
      return sizeBytes === null ? [] : compareSize(place.name, sizeBytes, file.size);
    }
    return member.isSparse ? [] : compareSize(place.name, member.size, file.size);
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
  stored: Stored,
): { readonly name: string; readonly stored: number | null } | null {
  const path = placeOf(file, folder, stored)?.path ?? null;
  if (path === null || stored.get(path) !== undefined) return null;
  const size = file.size === null ? null : Number(file.size);
  if (file.chunkSize === null) return { name: path, stored: size === null ? null : BLOCK + inBlocks(size) };
  return missingChunk(path, size, Number(file.chunkSize), stored.partsOf(path).count);
}

function missingChunk(path: string, size: number | null, chunkSize: number, present: number) {
  const isUsual = size !== null && chunkSize > 0;
  const count = isUsual ? Math.max(1, Math.ceil(size / chunkSize)) : 1;
  if (present >= count) return null;
  const stored = isUsual ? size - present * chunkSize + (count - present) * 2 * BLOCK : null;
  return { name: chunkName(path, present), stored };
}
