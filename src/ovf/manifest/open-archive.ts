import type { RangeSource } from '../../domain/description/reading.js';
import { OvadexError } from '../../domain/model/errors.js';
import { type KnownBytes, knownUpTo, withPiece } from '../container/known-bytes.js';
import { walkMembers } from '../container/members.js';
import { readPart, type StoredFile, storedPart } from './stored-file.js';

/** How much is read for each header, with room for its extensions. */
const HEADER_BYTES = 4_096;
/** The most reads that finding all members may take: one for each large member. */
const MOST_READS = 2_000;

/**
 * Finds all files of an archive by their headers. Throws OvadexError `damaged` if it isn't whole, `unavailable` if it
 * can't be read.
 */
export async function openArchive(source: RangeSource, sizeBytes: number): Promise<readonly StoredFile[]> {
  let known: KnownBytes = new Map();
  for (let reads = 0; reads < MOST_READS; reads++) {
    const { members, end } = walkMembers(known, sizeBytes);
    switch (end.kind) {
      case 'end':
        return members.map(({ name, from, size }) => storedPart(source, name, from, size));
      case 'cut':
        throw new OvadexError('damaged', 'the archive ends within one of its files');
      case 'damaged':
        throw new OvadexError('damaged', `there is no header of an archive at byte ${end.at}`);
      case 'needs': {
        const from = knownUpTo(known, end.at);
        const until = Math.min(Math.max(end.need, from + HEADER_BYTES), sizeBytes);
        known = withPiece(known, from, await readPart(source, from, until));
      }
    }
  }
  throw new OvadexError('damaged', `the archive has more than ${MOST_READS} files`);
}
