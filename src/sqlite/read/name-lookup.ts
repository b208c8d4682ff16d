import type { Database } from 'better-sqlite3';
import type { ImageQuery } from '../../domain/lists/image-list.js';
import type { Space } from '../../domain/model/space.js';
import { textsIn } from '../../sql/image-columns.js';
import type { ListReader } from '../lists/list-reader.js';
import { LOOKED_UP_SHARE, type NameSearch } from '../names/name-search.js';
import { spread } from '../names/rarest-trigrams.js';
import { createKeptNames } from '../scan/kept-names.js';
import { hitsAmong, scanNames } from '../scan/name-hits.js';
import { isWithinNames, nameTexts } from '../scan/name-texts.js';
import { type FoundNames, nameKeysIn } from './named-pages.js';

/** What a search in the names of a space finds. */
export interface NameLookup {
  /** Returns all images that match the query; null if names in memory don't tell. */
  all(): FoundNames | null;
  /** Returns the ids of some images that include all that match; null if these are too many to be looked up one by one. */
  ids(): readonly number[] | null;
}

/** So many images tell whether most of those that may match do. */
const SAMPLED = 32;
/** If fewer than this share don't, looking them up in vain takes no longer than comparing the names of all. */
const FEW_IN_VAIN = 1 / 4;

/**
 * Creates the function that searches the names of a large space, within the transaction in which it was read: by trigrams, and by the
 * names themselves if they are in memory. It returns null if a query requires nothing of names.
 */
export function createNameLookup(
  db: Database,
  lists: ListReader,
  trigrams: NameSearch,
): (space: Space, query: ImageQuery) => NameLookup | null {
  const kept = createKeptNames(db, (spaceId) => nameKeysIn(lists, spaceId));
  return (space, { nameContains, filter }) => {
    const texts = nameTexts(nameContains, filter);
    if (texts === null) return null;
    const names = kept.of(space);
    const lookedUp = Math.floor(space.images * LOOKED_UP_SHARE);
    const candidates = trigrams.candidates(textsIn(nameContains, filter), space.id, lookedUp, names !== null);
    if (names === null) return { all: () => null, ids: () => candidates };

    const isWithin = isWithinNames(filter);
    const find = () => (candidates === null ? scanNames(names, texts) : hitsAmong(names, texts, candidates));
    let found: ReturnType<typeof find> | null = null;
    const hits = () => {
      found ??= find();
      return found;
    };
    const doMostMatch = (ids: readonly number[]) => {
      const sample = spread(ids, SAMPLED);
      return hitsAmong(names, texts, sample).total > sample.length * (1 - FEW_IN_VAIN);
    };
    return {
      all: () => (isWithin ? { names, hits: hits() } : null),
      ids() {
        if (candidates === null && !isWithin) return null;
        if (candidates !== null && found === null && doMostMatch(candidates)) return candidates;
        const { total } = hits();
        return total <= lookedUp ? hits().ids(0, total) : null;
      },
    };
  };
}
