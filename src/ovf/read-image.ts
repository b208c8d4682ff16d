import type { RangeSource, ReadAttempt } from '../domain/description/reading.js';
import { knownUpTo, withPiece } from './container/known-bytes.js';
import { nextStep } from './next-step.js';
import { NO_MORE, type ReadingState } from './reading-state.js';

/**
 * Reads what an image is out of as few of its bytes as possible, mostly the first 32 KiB. `sizeBytes` is what was
 * listed, null if nothing was. Whatever the bytes are, the reading says; only the source may fail. Closes the source.
 */
export async function readImage(name: string, sizeBytes: number | null, source: RangeSource): Promise<ReadAttempt> {
  let state: ReadingState = { name, total: sizeBytes, known: new Map(), further: -1, isSeekable: true };
  try {
    for (;;) {
      const step = nextStep(state);
      if (step.kind === 'verdict') return { kind: 'read', reading: step.reading };
      const answer = await source.read(step.from, step.end);
      if (answer.kind === 'unseekable') {
        // Without jumps from now on. If even what follows is refused, nothing more is asked for.
        state = { ...state, isSeekable: false, further: state.isSeekable ? state.further : NO_MORE };
        continue;
      }
      if (answer.kind !== 'bytes') return answer;
      const bytes = answer.bytes.subarray(0, step.end - step.from);
      const isLast = bytes.length < step.end - step.from;
      state = {
        ...state,
        known: bytes.length === 0 ? state.known : withPiece(state.known, step.from, bytes),
        total: isLast ? endOf(state, step.from, bytes.length) : (answer.totalBytes ?? state.total),
        further: state.further + 1,
      };
    }
  } finally {
    await source.close();
  }
}

/** Where a file ends that gave less than was asked for. If it gave nothing, that is somewhere behind what is known. */
function endOf({ known }: ReadingState, from: number, length: number): number {
  return length === 0 ? knownUpTo(known, 0) : from + length;
}
