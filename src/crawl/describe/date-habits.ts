import {
  type DateHabit,
  habitOf,
  isByHabit,
  type OtherDate,
  ownHabit,
  type SeenDate,
} from '../../domain/description/date-habit.js';

/** How storages date files otherwise in answers than in listings, learned from what they show. */
export interface DateHabits {
  /** Notes that a sync of the space has ended. */
  synced(spaceId: number): void;
  /** Returns the habits by which an image may be dated: its storage's, and its own once a sync has listed it as before. */
  of(image: PlacedImage): readonly DateHabit[];
  /** Notes the date that an image showed instead of the listed one, null if none, and whether it could be read. */
  note(image: PlacedImage, other: OtherDate | null, isRead: boolean): void;
}

/** An image by a key that stands for it as it was listed. */
export interface PlacedImage {
  readonly origin: string;
  readonly spaceId: number;
  readonly key: string;
}

/** Bounds memory, some 200 bytes each; what is forgotten is learned anew. */
const MOST_KEPT = 10_000;

export function createDateHabits(): DateHabits {
  const ofOrigins = new Map<string, DateHabit>();
  const seen = new Map<string, SeenDate>();
  const syncs = new Map<number, number>();
  const syncsOf = (spaceId: number) => syncs.get(spaceId) ?? 0;

  return {
    synced: (spaceId) => void syncs.set(spaceId, syncsOf(spaceId) + 1),
    of({ origin, spaceId, key }) {
      const before = seen.get(key);
      const own = before === undefined ? null : ownHabit(before, syncsOf(spaceId));
      return [ofOrigins.get(origin) ?? null, own].filter((habit) => habit !== null);
    },
    note({ origin, spaceId, key }, other, isRead) {
      const before = seen.get(key);
      seen.delete(key); // the last one to be forgotten
      if (isRead) {
        // The listed date shows that the storage has no such habit, or no longer.
        if (other === null) ofOrigins.delete(origin);
        else ofOrigins.set(origin, habitOf(other));
        return;
      }
      if (other === null) return;
      const isAsBefore = before !== undefined && isByHabit(other, { ...habitOf(before), etag: before.etag });
      seen.set(key, isAsBefore ? before : { ...other, syncs: syncsOf(spaceId) });
      const [oldest] = seen.size > MOST_KEPT ? seen.keys() : [];
      if (oldest !== undefined) seen.delete(oldest);
    },
  };
}
