import { BLOCK, inBlocks, isZero } from './container/header.js';
import { bytesIn, knownUpTo, slice } from './container/known-bytes.js';
import { type Member, type Walk, walkMembers } from './container/members.js';
import { judgeWholeness } from './container/wholeness.js';
import { createNotes, type Notes } from './descriptor/notes.js';
import { type ReadDescriptor, readDescriptor } from './read-descriptor.js';
import {
  broken,
  FIRST_BYTES,
  JUMP_BYTES,
  MOST_FURTHER_READS,
  MOST_HEADERS_BEYOND,
  MOST_OF_A_DESCRIPTOR,
  MOST_OF_JUMPS,
  MOST_WITHOUT_RANGES,
  type ReadingState,
  type Step,
} from './reading-state.js';

/**
 * Says what comes next for a tar archive: on to the next header, the rest of the descriptor, or the verdict. The first
 * regular file called `.ovf` is the descriptor.
 */
export function nextOfArchive(state: ReadingState, note?: string): Step {
  const notes = createNotes();
  if (note !== undefined) notes.add(note);
  const walk = walkMembers(state.known, state.total);
  const [descriptor, ...others] = walk.members.filter(({ name }) => /\.ovf$/i.test(name));
  if (descriptor === undefined) return withoutDescriptor(state, walk, notes);
  if (others.length > 0) notes.add(`the archive has ${others.length + 1} descriptors; the first counts`);
  if (descriptor.size > MOST_OF_A_DESCRIPTOR) {
    return broken([`too-large: a descriptor of ${descriptor.size} bytes; at most ${MOST_OF_A_DESCRIPTOR} are read`]);
  }
  const { from, size } = descriptor;
  const data = slice(state.known, from, from + size);
  if (data === null) return restOfDescriptor(state, descriptor, notes);
  const read = readDescriptor(data, notes);
  if (read.kind === 'described') return judge(state, walk, descriptor, read, read.reasons, notes);

  const whole = read.isCut ? readPastItsSize(state, descriptor, notes) : null;
  const reason = `${read.reason}: ${read.detail}`;
  if (whole === null) return broken([reason], notes.all());
  notes.add(`the archive's header says that the descriptor has ${size} bytes, which cuts it off`);
  return judge(state, walk, descriptor, whole, [reason, ...whole.reasons], notes);
}

type Described = Extract<ReadDescriptor, { readonly kind: 'described' }>;

function judge(
  state: ReadingState,
  walk: Walk,
  descriptor: Member,
  { descriptor: values }: Described,
  reasons: readonly string[],
  notes: Notes,
): Step {
  const wholeness = judgeWholeness(walk, descriptor, values.files, state.total);
  const isSettled = wholeness.kind === 'judged';
  // The last read is kept for the end.
  const look = isSettled ? null : (nextHeader(state, walk, MOST_FURTHER_READS - 1) ?? lastBlocks(state));
  if (look !== null) return look;
  const isCut = !isSettled && endsInData(state);
  if (!isSettled && !isCut) notes.add('how the archive ends is not known: it was not read that far');
  for (const note of isSettled ? wholeness.notes : []) notes.add(note);
  for (const { name } of walk.members.filter(({ isSparse }) => isSparse)) {
    notes.add(`${name} is stored as a sparse file, which few deployers can read`);
  }
  const all = [...reasons, ...(isSettled ? wholeness.reasons : []), ...(isCut ? ['truncated'] : [])];
  return { kind: 'verdict', reading: { kind: 'described', descriptor: values, reasons: all, notes: notes.all() } };
}

function withoutDescriptor(state: ReadingState, walk: Walk, notes: Notes): Step {
  switch (walk.end.kind) {
    case 'needs': {
      const first = walk.members[0];
      if (first !== undefined) notes.add(`the archive begins with ${first.name}`);
      return nextHeader(state, walk) ?? broken(['descriptor-not-first'], notes.all());
    }
    case 'cut':
      return broken(['truncated'], [...notes.all(), 'there is no descriptor up to where the archive ends']);
    case 'damaged':
      return broken(['no-descriptor'], [...notes.all(), `the archive is damaged: no header at byte ${walk.end.at}`]);
    case 'end':
      return broken(['no-descriptor'], notes.all());
  }
}

function restOfDescriptor(state: ReadingState, { from, size }: Member, notes: Notes): Step {
  if (state.total !== null && from + size > state.total) return broken(['truncated'], notes.all());
  const start = knownUpTo(state.known, from);
  // The header after it comes along.
  const end = from + inBlocks(size) + BLOCK;
  const isContinued = state.isSeekable || start === knownUpTo(state.known, 0);
  if (state.further >= MOST_FURTHER_READS || !isContinued) return broken(['descriptor-not-first'], notes.all());
  return { kind: 'read', from: start, end: state.total === null ? end : Math.min(end, state.total) };
}

/** The zero blocks that mark the end of an archive, in bytes. */
const END_BYTES = 2 * BLOCK;

/** Reads the end of an archive that has too many files to find it by their headers; null if it can't, or has been read. */
function lastBlocks({ known, total, further, isSeekable }: ReadingState): Step | null {
  if (!isSeekable || total === null || total < END_BYTES || further >= MOST_FURTHER_READS) return null;
  return slice(known, total - END_BYTES, total) === null ? { kind: 'read', from: total - END_BYTES, end: total } : null;
}

/** Whether an archive is known to end without the zero blocks that all programs write but very old ones. */
function endsInData({ known, total }: ReadingState): boolean {
  const last = total === null || total < END_BYTES ? null : slice(known, total - END_BYTES, total);
  return last !== null && !isZero(last);
}

/** Reads on at the next header, within bounds; null beyond them. */
function nextHeader(state: ReadingState, { end, headers }: Walk, most = MOST_FURTHER_READS): Step | null {
  if (end.kind !== 'needs' || state.further >= most) return null;
  if (headers.filter((at) => at >= FIRST_BYTES).length >= MOST_HEADERS_BEYOND) return null;
  const limit = state.total ?? Number.MAX_SAFE_INTEGER;
  if (state.isSeekable) {
    const from = knownUpTo(state.known, end.at);
    // A short rest is read to its end: if the disks come first, the descriptor is mostly the last.
    const length = limit - from <= FIRST_BYTES ? FIRST_BYTES : JUMP_BYTES;
    const until = Math.min(Math.max(end.need, from + length), limit);
    return bytesIn(state.known) + until - from <= FIRST_BYTES + MOST_OF_JUMPS
      ? { kind: 'read', from, end: until }
      : null;
  }
  const from = knownUpTo(state.known, 0);
  const until = Math.min(Math.max(end.need, from + JUMP_BYTES), limit);
  return until <= MOST_WITHOUT_RANGES ? { kind: 'read', from, end: until } : null;
}

/** Some writers count characters instead of bytes. What the header leaves out stands in the padding. */
function readPastItsSize(state: ReadingState, { from, size }: Member, notes: Notes): Described | null {
  const padded = slice(state.known, from, from + inBlocks(size));
  if (padded === null) return null;
  const end = padded.findLastIndex((byte) => byte !== 0) + 1;
  const read = end > size ? readDescriptor(padded.subarray(0, end), notes) : null;
  return read?.kind === 'described' ? read : null;
}
