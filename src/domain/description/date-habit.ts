/**
 * How a storage dates files in answers otherwise than in listings, though they are the very same: by so many seconds, as
 * one with a clock or a rounding of its own, or by when it answers, as a proxy that makes up what it doesn't know.
 */
export type DateHabit = (
  | { readonly kind: 'shifted'; readonly seconds: number }
  | { readonly kind: 'of-the-answer' }
) & {
  /** The ETag that goes with it, null for none; any, if it is left out. */
  readonly etag?: string | null;
};

/** The date that an answer gave a file of the listed size instead of the listed one; times are ms since the epoch. */
export interface OtherDate {
  readonly listedAt: number;
  readonly shownAt: number;
  /** Normalised as in listings; null if the answer had none. */
  readonly etag: string | null;
  /** Whether the date is that of the answer itself. */
  readonly isOfAnswer: boolean;
}

/** Another date that an image showed; `syncs` is how many had ended in its space by then. */
export interface SeenDate extends OtherDate {
  readonly syncs: number;
}

/** HTTP has dates in whole seconds, and a listing may have more. */
export function secondOf(ms: number): number {
  return Math.floor(ms / 1_000);
}

/** Returns the habit that another date is, if it is no change of the file. */
export function habitOf({ listedAt, shownAt, isOfAnswer }: OtherDate): DateHabit {
  return isOfAnswer ? { kind: 'of-the-answer' } : { kind: 'shifted', seconds: secondOf(shownAt) - secondOf(listedAt) };
}

/** Whether another date is what a habit lets expect. */
export function isByHabit(other: OtherDate, habit: DateHabit): boolean {
  if (habit.etag !== undefined && habit.etag !== other.etag) return false;
  if (habit.kind === 'of-the-answer') return other.isOfAnswer;
  return secondOf(other.shownAt) - secondOf(other.listedAt) === habit.seconds;
}

/**
 * Returns the habit by which an image that showed another date may be dated: the same again, with the same ETag. null
 * as long as no sync in between has listed it as it was, since it may have been replaced.
 */
export function ownHabit(before: SeenDate, syncs: number): DateHabit | null {
  return syncs > before.syncs ? { ...habitOf(before), etag: before.etag } : null;
}
