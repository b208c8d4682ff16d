import { describe, expect, it } from 'vitest';
import {
  learnSearch,
  NO_SEARCH,
  type SearchEvidence,
  type SearchFindings,
  searchUseOf,
} from '../../../src/domain/model/search.js';

const SEEN: SearchEvidence = { ...NO_SEARCH, search: 'seen', searchedMarker: 'etag:1' };
const REFUTED: SearchEvidence = { ...NO_SEARCH, search: 'refuted', searchMisses: 1, searchTrouble: 'it missed one' };
const FOUND: SearchFindings = { found: null, misses: 0, searchedMarker: 'etag:2', trouble: null };
const FULL = { isFull: true, isInOrder: true };

describe('what is known of a search after a sync', () => {
  it.each<[string, SearchEvidence, SearchFindings | undefined, { isFull: boolean; isInOrder: boolean }, object]>([
    ['is nothing without one', NO_SEARCH, undefined, FULL, NO_SEARCH],
    ['is no longer the marker after a walk', SEEN, undefined, FULL, { ...SEEN, searchedMarker: null }],
    ['is that it matched', NO_SEARCH, { ...FOUND, found: 'matched' }, FULL, { search: 'seen' }],
    [
      'is that it missed something',
      SEEN,
      { ...FOUND, found: 'missed', misses: 2, trouble: 'two' },
      FULL,
      {
        search: 'refuted',
        searchMisses: 2,
        searchTrouble: 'two',
        searchedMarker: null,
      },
    ],
    ['is the marker under which both agreed', SEEN, FOUND, FULL, { search: 'seen', searchedMarker: 'etag:2' }],
    ['is no marker if something was left', SEEN, FOUND, { isFull: false, isInOrder: false }, { searchedMarker: null }],
    ['is no marker before it has matched', NO_SEARCH, FOUND, FULL, { searchedMarker: null }],
    [
      'keeps the trouble that was not asked about',
      REFUTED,
      { found: null, misses: 0, searchedMarker: null },
      FULL,
      {
        searchTrouble: 'it missed one',
      },
    ],
    [
      'does not count anything but full syncs towards its return',
      REFUTED,
      { ...FOUND, found: 'matched' },
      {
        isFull: false,
        isInOrder: true,
      },
      { search: 'refuted', searchProofs: 0 },
    ],
  ])('%s', (_name, before, findings, sync, after) => {
    expect(learnSearch(before, findings, sync)).toMatchObject(after);
  });

  it('is believed again after a week of full syncs that it matched', () => {
    let evidence = REFUTED;
    const states: string[] = [];
    for (let night = 0; night < 7; night++) {
      evidence = learnSearch(evidence, { ...FOUND, found: 'matched' }, FULL);
      states.push(searchUseOf(evidence));
    }
    expect(states).toEqual(['off', 'off', 'off', 'off', 'off', 'off', 'on']);
  });

  it('is one word', () => {
    const refused = { ...SEEN, searchTrouble: '500' };
    expect([NO_SEARCH, SEEN, REFUTED, refused].map((each) => searchUseOf(each))).toEqual(['none', 'on', 'off', 'none']);
  });
});
