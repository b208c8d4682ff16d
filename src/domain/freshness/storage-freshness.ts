/** How old the lists of one storage's spaces are, without those that were never listed whole. Times in ms. */
export interface StorageFreshness {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly spaces: number;
  /** Time since the last sync that left nothing unlisted. */
  readonly age: Extent;
  /** For how long lists have been outdated on average; see `expectedAge`. */
  readonly expectedAge: Extent;
}

export interface Extent {
  readonly sum: number;
  readonly max: number;
}

/** Stands for the storages that are not named. */
export const OTHER_STORAGES = 'other';

/** An installation has one storage or a few; more names would be as many series for monitoring. */
const MOST_NAMED = 20;

/**
 * Prepares storages to be told to monitoring: the largest ones by name, the others together. One whose only user its host
 * is named after counts to the others, since no measurement tells users; `user` is any user of a storage.
 */
export function namedStorages(
  storages: readonly (StorageFreshness & { readonly user: string })[],
): readonly StorageFreshness[] {
  const isNameable = ({ origin, spaces, user }: StorageFreshness & { readonly user: string }) =>
    spaces > 1 || !origin.toLowerCase().includes(user.toLowerCase());
  const bySize = [...storages].sort((a, b) => b.spaces - a.spaces || (a.origin < b.origin ? -1 : 1));
  const named = bySize.filter(isNameable).slice(0, MOST_NAMED);
  const others = bySize.filter((each) => !named.includes(each));
  const told = named.map(({ origin, spaces, age, expectedAge }) => ({ origin, spaces, age, expectedAge }));
  return others.length === 0 ? told : [...told, others.map(asOther).reduce(together)];
}

function asOther({ spaces, age, expectedAge }: StorageFreshness): StorageFreshness {
  return { origin: OTHER_STORAGES, spaces, age, expectedAge };
}

function together(a: StorageFreshness, b: StorageFreshness): StorageFreshness {
  return {
    origin: OTHER_STORAGES,
    spaces: a.spaces + b.spaces,
    age: both(a.age, b.age),
    expectedAge: both(a.expectedAge, b.expectedAge),
  };
}

/** What two storages are together. */
export function both(a: Extent, b: Extent): Extent {
  return { sum: a.sum + b.sum, max: Math.max(a.max, b.max) };
}
