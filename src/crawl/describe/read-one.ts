import type { DateHabit, OtherDate } from '../../domain/description/date-habit.js';
import type { RangeSource, ReadAttempt, ReadingCost } from '../../domain/description/reading.js';
import { nameOf } from '../../domain/model/path.js';
import type { DescriptionStore, ImageToRead } from '../../domain/ports/description-store.js';
import type { ReadableStore } from '../../domain/ports/remote-store.js';

/** Reads what an image is; closes the source. Rejects only by an abort of the source. */
export type ReadImage = (name: string, sizeBytes: number | null, source: RangeSource) => Promise<ReadAttempt>;

/** What became of an image: `stale` if it had changed or vanished by the time that it was read. */
export type ReadOutcome =
  | { readonly kind: 'described' | 'broken' | 'stale' }
  | Extract<ReadAttempt, { readonly kind: 'changed' | 'failed' }>;

/** Reads one image and stores what it is. */
export async function readOne(
  spaceId: number,
  image: ImageToRead,
  deps: {
    readonly store: Pick<ReadableStore, 'read'>;
    readonly descriptions: Pick<DescriptionStore, 'store'>;
    readonly readImage: ReadImage;
    /** How the image may be dated otherwise than it was listed. */
    readonly habits: readonly DateHabit[];
    /** Called when the image was read or could not be: what that took, and the date that it showed instead of the listed one. */
    readonly onEnd: (cost: ReadingCost, other: OtherDate | null) => void;
  },
  signal: AbortSignal,
): Promise<ReadOutcome> {
  const source = deps.store.read(image.path, image, signal, deps.habits);
  let attempt: ReadAttempt;
  try {
    attempt = await deps.readImage(nameOf(image.path), image.sizeBytes, source);
  } finally {
    deps.onEnd(source.cost(), source.otherDate?.() ?? null);
  }
  if (attempt.kind !== 'read') return attempt;
  const isStored = await deps.descriptions.store(spaceId, image, attempt.reading, source.cost());
  return { kind: isStored ? attempt.reading.kind : 'stale' };
}
