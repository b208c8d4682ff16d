import { type Extension, readExtension } from './extension.js';
import { BLOCK, inBlocks, isZero, readHeader, type TarHeader } from './header.js';
import { type KnownBytes, slice } from './known-bytes.js';

/** A file in an archive. */
export interface Member {
  /** Its path in the archive, without `./` before it. */
  readonly name: string;
  /** How many bytes are stored; a sparse file is larger. */
  readonly size: number;
  readonly from: number;
  readonly isSparse: boolean;
}

/** Where a walk along the headers ended. */
export type WalkEnd =
  /** The bytes up to `need` aren't known yet; the next header is at `at`. */
  | { readonly kind: 'needs'; readonly at: number; readonly need: number }
  /** Zero blocks, or the end of the file after a whole member. */
  | { readonly kind: 'end'; readonly at: number; readonly isMarked: boolean }
  /** The file ends within a member or a header. */
  | { readonly kind: 'cut'; readonly at: number }
  /** What should be a header is none. */
  | { readonly kind: 'damaged'; readonly at: number };

/** Where a walk goes on that has ended for want of bytes. */
export interface WalkStart {
  /** Where the next header, or the first extension before it, is. */
  readonly at: number;
  /** What global extensions have said so far. */
  readonly global: Extension;
}

/** The files whose headers are known, in order, and where the walk ended. */
export interface Walk {
  readonly members: readonly Member[];
  /** Where each header is, those of extensions left out. */
  readonly headers: readonly number[];
  readonly end: WalkEnd;
  readonly next: WalkStart;
}

const BEGINNING: WalkStart = { at: 0, global: {} };

/** The most bytes of one extension: a path takes 4 KiB at most, and GNU's map of a sparse file 20 to 70 bytes for each piece. */
const MOST_OF_AN_EXTENSION = 1024 * 1024;
/** The most extensions of one header: a walk that ends among them begins with the first again. */
const MOST_EXTENSIONS = 100;
/** Links, directories and devices have no data, whatever their size says. */
const WITHOUT_DATA = new Set(['1', '2', '3', '4', '5', '6']);
const EXTENSIONS = new Set(['x', 'g', 'L', 'K', 'X']);
const FILES = new Set(['0', '7', 'S']);

/**
 * Walks along the headers as far as the bytes are known, from the beginning or on from where an earlier walk ended.
 * `total` is the size of the archive, null if unknown.
 */
export function walkMembers(known: KnownBytes, total: number | null, from: WalkStart = BEGINNING): Walk {
  const members: Member[] = [];
  const headers: number[] = [];
  let { global, at } = from;
  let own: Extension = {};
  let extensions = 0;
  /** Where the header or the first of its extensions is: what is not whole is read again from there. */
  let start = at;
  const ended = (end: WalkEnd): Walk => ({ members, headers, end, next: { at: start, global } });

  for (;;) {
    if (total !== null && at + BLOCK > total) return ended(endOfFile(known, at, total));
    const block = slice(known, at, at + BLOCK);
    if (block === null) return ended({ kind: 'needs', at: start, need: at + BLOCK });
    if (isZero(block)) return ended({ kind: 'end', at, isMarked: true });
    const header = readHeader(block);
    if (header === null) return ended({ kind: 'damaged', at });

    if (EXTENSIONS.has(header.type)) {
      const from = at + BLOCK;
      if (header.size > MOST_OF_AN_EXTENSION || ++extensions > MOST_EXTENSIONS) return ended({ kind: 'damaged', at });
      if (total !== null && from + header.size > total) return ended({ kind: 'cut', at });
      const data = slice(known, from, from + header.size);
      if (data === null) return ended({ kind: 'needs', at: start, need: from + inBlocks(header.size) });
      const extension = readExtension(header.type, data);
      if (header.type === 'g') global = { ...global, ...extension };
      else if (header.type !== 'K') own = { ...own, ...extension };
      at = from + inBlocks(header.size);
      continue;
    }

    const from = dataStart(known, at, header);
    if (from === null) return ended({ kind: 'needs', at: start, need: at + 2 * BLOCK });
    headers.push(at);
    const member = memberOf(header, from, { ...global, ...own });
    const size = WITHOUT_DATA.has(header.type) ? 0 : member.size;
    if (FILES.has(header.type) && isShown(member.name)) members.push(member);
    if (total !== null && from + size > total) return ended({ kind: 'cut', at });
    at = from + inBlocks(size);
    start = at;
    own = {};
    extensions = 0;
  }
}

function memberOf(header: TarHeader, from: number, { name, size, isSparse }: Extension): Member {
  return {
    name: (name ?? header.name).replace(/^(?:\.?\/+)+/, ''),
    size: size ?? header.size,
    from,
    isSparse: header.type === 'S' || isSparse === true,
  };
}

/** A file may end without zero blocks, even within the padding of its last member. */
function endOfFile(known: KnownBytes, at: number, total: number): WalkEnd {
  if (at >= total) return { kind: 'end', at, isMarked: false };
  const rest = slice(known, at, total);
  if (rest === null) return { kind: 'needs', at, need: total };
  return isZero(rest) ? { kind: 'end', at, isMarked: false } : { kind: 'cut', at };
}

/** Finds the data behind the blocks of an old GNU sparse map; null if one of them isn't known. */
function dataStart(known: KnownBytes, at: number, header: TarHeader): number | null {
  let from = at + BLOCK;
  for (let hasMore = header.hasSparseMap; hasMore; from += BLOCK) {
    const block = slice(known, from, from + BLOCK);
    if (block === null) return null;
    hasMore = block[504] !== 0;
  }
  return from;
}

/** Leaves out directories, and what macOS and old tars store beside files. */
function isShown(name: string): boolean {
  if (name === '' || name.endsWith('/')) return false;
  const segments = name.split('/');
  return !segments.some((segment) => /^PaxHeaders?(?:\.\d+)?$/.test(segment)) && !segments.at(-1)?.startsWith('._');
}
