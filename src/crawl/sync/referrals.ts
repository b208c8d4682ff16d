import { parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';

/** Collections that weren't found, whose parents are asked once each: a parent may still show what is gone. */
export interface Referrals {
  /** Returns the parent to ask, and remembers the reason; null for the root and for a collection referred already. */
  refer(collection: ResourcePath, why: string): ResourcePath | null;
  /** Whether it was referred before, or lies below a collection that was. */
  isBelowReferred(collection: ResourcePath): boolean;
  /** Returns why it wasn't found; null unless it was referred and not yet reported. */
  whyOf(collection: ResourcePath): string | null;
  /** Notes that it was reported as still shown by its parent. */
  close(collection: ResourcePath): void;
  /** Allows it to be referred again. */
  forget(collection: ResourcePath): void;
}

export function createReferrals(): Referrals {
  const reasons = new Map<ResourcePath, string | null>();
  return {
    refer(collection, why) {
      if (collection === ROOT || reasons.has(collection)) return null;
      reasons.set(collection, why);
      return parentOf(collection);
    },
    isBelowReferred(collection) {
      for (let at = collection; at !== ROOT; at = parentOf(at)) if (reasons.has(at)) return true;
      return false;
    },
    whyOf: (collection) => reasons.get(collection) ?? null,
    close: (collection) => void reasons.set(collection, null),
    forget: (collection) => void reasons.delete(collection),
  };
}
