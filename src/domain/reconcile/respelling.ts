import { nameKey } from '../model/image.js';

/** A known name that a complete listing does not show, but that was not proven to be gone. */
export interface UnlistedName {
  readonly name: string;
  /** The name still answers; false if that is not known. */
  readonly isPresent: boolean;
}

export interface SettledNames {
  readonly names: readonly string[];
  /** Folders that keep their known name, with the one that the storage now lists. */
  readonly respelled: readonly { readonly known: string; readonly listed: string }[];
}

/**
 * Settles the names of a listing, one for each folder. A folder that was renamed only in case or Unicode form is listed
 * in the new spelling and, on a storage that takes both, answers in both: it keeps the name by which it was known
 * first, since tokens, ids and the person behind them go by that. `known` has all known names, the oldest first.
 */
export function settleNames(
  listed: readonly string[],
  unlisted: readonly UnlistedName[],
  known: readonly string[],
): SettledNames {
  const ages = new Map(known.map((name, age) => [name, age]));
  const listedByKey = groupBy(new Set(listed), nameKey);
  const dropped = new Set<string>();
  const respelled: { known: string; listed: string }[] = [];
  for (const [key, spellings] of groupBy(unlisted, ({ name }) => nameKey(name))) {
    const [now, ...others] = listedByKey.get(key) ?? [];
    // A storage that lists two spellings tells them apart.
    if (now === undefined || others.length > 0) continue;
    // Both are known and one gives no answer: those may be two folders.
    const same = ages.has(now) ? spellings.filter(({ isPresent }) => isPresent) : spellings;
    const candidates = [now, ...same.map(({ name }) => name)];
    const age = (name: string) => ages.get(name) ?? Number.POSITIVE_INFINITY;
    const kept = candidates.reduce((oldest, name) => (age(name) < age(oldest) ? name : oldest));
    for (const name of candidates) if (name !== kept) dropped.add(name);
    if (kept !== now) respelled.push({ known: kept, listed: now });
  }
  const names = [...new Set([...listed, ...unlisted.map(({ name }) => name)])].filter((name) => !dropped.has(name));
  return { names, respelled };
}

/** Groups items like `Map.groupBy`, which Node 20 lacks. */
function groupBy<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
