import { readError } from '../../domain/description/read-error.js';
import type { RangeSource } from '../../domain/description/reading.js';
import { OvadexError } from '../../domain/model/errors.js';
import { type KnownBytes, knownUpTo, slice, withPiece } from '../container/known-bytes.js';
import { type Member, type WalkStart, walkMembers } from '../container/members.js';
import { signatureOf } from '../container/signature.js';
import { type StoredFile, storedBytes, storedPart } from './stored-file.js';

/** How much is read for each header, with room for its extensions. */
const HEADER_BYTES = 4_096;
/** The most reads that finding all members may take: one for each large member. */
const MOST_READS = 2_000;

/**
 * Finds all files of an archive by their headers; those are read of `headers`, and the files themselves of `data`.
 * `sizeBytes` is null if it isn't known. Returns null if the storage gives no parts of files. Throws OvadexError
 * `damaged` if the archive isn't whole, `storage` if it can't be read.
 */
export async function openArchive(
  headers: RangeSource,
  sizeBytes: number | null,
  data: RangeSource = headers,
): Promise<readonly StoredFile[] | null> {
  let known: KnownBytes = new Map();
  let total = sizeBytes;
  let members: Member[] = [];
  let next: WalkStart | undefined;
  for (let reads = 0; reads < MOST_READS; reads++) {
    const { end, ...walk } = walkMembers(known, total, next);
    members.push(...walk.members);
    next = walk.next;
    switch (end.kind) {
      case 'end':
        return (await mayJump(headers, known, members)) ? members.map((each) => memberAsFile(each, known, data)) : null;
      case 'cut':
      case 'damaged':
        throw damaged(end, known);
      case 'needs': {
        const from = knownUpTo(known, end.at);
        const until = Math.min(Math.max(end.need, from + HEADER_BYTES), total ?? Number.POSITIVE_INFINITY);
        const answer = await headers.read(from, until);
        if (answer.kind === 'unseekable') return null;
        if (answer.kind !== 'bytes') throw readError(answer);
        const bytes = answer.bytes.subarray(0, until - from);
        if (bytes.length === 0 && total !== null) throw new OvadexError('unavailable', `it ends at byte ${from}`);
        if (total === null) {
          total = answer.totalBytes ?? (bytes.length < until - from ? from + bytes.length : null);
          // Only now can it be seen which member ends beyond it.
          if (total !== null) [members, next] = [[], undefined];
        }
        if (bytes.length > 0) known = withPiece(known, from, bytes);
      }
    }
  }
  throw new OvadexError('damaged', `the archive has more than ${MOST_READS} files`);
}

/** Whether files can be read in any order: known ones can, others only if the storage gives parts, which a jump has shown. */
async function mayJump(headers: RangeSource, known: KnownBytes, members: readonly Member[]): Promise<boolean> {
  if (known.size > 1 || members.every((each) => bytesOf(each, known) !== null)) return true;
  return (await headers.read(0, 1)).kind !== 'unseekable';
}

function memberAsFile(member: Member, known: KnownBytes, data: RangeSource): StoredFile {
  const bytes = bytesOf(member, known);
  const { name, from, size } = member;
  return bytes === null ? storedPart(data, name, from, size) : storedBytes(name, bytes);
}

function bytesOf({ from, size }: Member, known: KnownBytes): Uint8Array | null {
  return size === 0 ? new Uint8Array() : slice(known, from, from + size);
}

/** Returns the error for an archive that isn't whole, or for a file that isn't one by its first bytes. */
export function damaged(
  end: { readonly kind: 'cut' | 'damaged'; readonly at: number },
  known: KnownBytes,
): OvadexError {
  const what = end.at === 0 ? otherKind(slice(known, 0, knownUpTo(known, 0))) : null;
  if (what !== null) return new OvadexError('damaged', `it is ${what}, not a tar archive`);
  return new OvadexError(
    'damaged',
    end.kind === 'cut'
      ? 'the archive ends within one of its files'
      : `there is no header of an archive at byte ${end.at}`,
  );
}

/** Returns in words what a file is that is no archive; null if that can't be told. */
function otherKind(start: Uint8Array | null): string | null {
  const signature = signatureOf(start ?? new Uint8Array());
  if (signature.kind === 'gzip') return 'a gzip file';
  if (signature.kind === 'xml') return 'an XML document';
  return signature.kind === 'other' ? signature.what : null;
}
