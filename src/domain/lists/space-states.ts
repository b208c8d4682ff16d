import { UNKNOWN_RATE } from '../freshness/change-rate.js';
import { OvadexError } from '../model/errors.js';
import { NO_EVIDENCE } from '../model/markers.js';
import { NO_SEARCH } from '../model/search.js';
import type { Space, SpaceSettings, SpaceState } from '../model/space.js';
import { counted, grouped } from '../text/counted.js';
import { quote } from '../text/quote.js';
import { sortFieldsOf } from './list-grammar.js';
import { parseOrder, type SortTerm } from './order.js';
import { SPACE_LIST, type SpaceField, STATES } from './space-list.js';

/** All states, from the best to the gravest. */
export const SPACE_STATES: readonly SpaceState[] = STATES;

/** Reads states such as `failing,held` from one or more texts. Throws OvadexError `usage` that says what is allowed. */
export function parseStates(texts: readonly string[]): ReadonlySet<SpaceState> {
  const words = texts.flatMap((text) => text.split(',')).map((word) => word.trim().toLowerCase());
  return new Set(
    words.map((word) => {
      const state = SPACE_STATES.find((known) => known === word);
      if (state !== undefined) return state;
      throw new OvadexError(
        'usage',
        `state: ${quote(word)} is not a state; use one or more of ${SPACE_STATES.join(', ')}`,
      );
    }),
  );
}

/** Reads an order of spaces; see `parseOrder`. */
export function parseSpaceSort(text: string): readonly SortTerm<SpaceField>[] {
  return parseOrder(text, sortFieldsOf(SPACE_LIST), SPACE_LIST.byDefault);
}

/** Counts spaces by state: `5,000 spaces: 4,988 fresh, 12 failing`. */
export function tallyStates(states: readonly SpaceState[]): string {
  const counts = SPACE_STATES.map((state) => ({ state, count: states.filter((each) => each === state).length }));
  const told = counts.filter(({ count }) => count > 0).map(({ state, count }) => `${grouped(count)} ${state}`);
  return [counted(states.length, 'space'), told.join(', ')].filter((part) => part !== '').join(': ');
}

/** Returns a configured space that no index knows yet: the next start or sync adds it. */
export function awaitedSpace({ user, url }: Pick<SpaceSettings, 'user' | 'url'>): Space {
  return {
    id: 0,
    user,
    url,
    revision: 0,
    changedAt: null,
    images: 0,
    describedImages: 0,
    waitingImages: 0,
    incompleteImages: 0,
    brokenImages: 0,
    readBytes: 0,
    collections: 0,
    addedAt: 0,
    lastSuccessAt: null,
    lastSyncAt: null,
    trouble: null,
    heldRemovals: null,
    heldReasons: [],
    isRemovalRefused: false,
    nextSyncAt: null,
    evidence: NO_EVIDENCE,
    search: NO_SEARCH,
    rate: UNKNOWN_RATE,
  };
}

/** Returns what is wrong with a space in one line that begins with the reason for its state; null if nothing is. */
export function troubleInWords({ trouble, heldRemovals, heldReasons }: Space): string | null {
  const held =
    heldRemovals === null ? [] : [[`${counted(heldRemovals, 'removal')} held`, ...heldReasons.slice(0, 1)].join(': ')];
  const others = trouble === null ? [] : [trouble.message];
  const told = trouble?.kind === 'unauthorized' ? [...others, ...held] : [...held, ...others];
  return told.length === 0 ? null : told.join('; ');
}
