import { parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';

/** Collections that weren't found, which their parents are asked about, once each: these may go on showing what is gone. */
export interface Referrals {
  /** The parent to ask, and remembers why; null for the root and for one that was referred already. */
  refer(collection: ResourcePath, why: string): ResourcePath | null;
  /** Why it wasn't found; null unless it was referred and that was not told yet. */
  whyOf(collection: ResourcePath): string | null;
  /** It was told that the parent shows it all the same. */
  close(collection: ResourcePath): void;
  /** It may be referred again. */
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
    whyOf: (collection) => reasons.get(collection) ?? null,
    close: (collection) => void reasons.set(collection, null),
    forget: (collection) => void reasons.delete(collection),
  };
}
