import { describe, expect, it } from 'vitest';
import { awaitedSpace } from '../../../src/domain/lists/space-states.js';
import { NO_EVIDENCE } from '../../../src/domain/model/markers.js';
import { NO_SEARCH } from '../../../src/domain/model/search.js';
import type { Space } from '../../../src/domain/model/space.js';
import { lookOf, NO_CONTEXT, type SpaceContext, storageOf } from '../../../src/domain/policy/space-look.js';

const URL_OF_JM = 'https://cloud.example.org/remote.php/dav/files/jm/';
const SPACE = awaitedSpace({ user: 'jm', url: URL_OF_JM });
const SEARCHED: Partial<Space> = { search: { ...NO_SEARCH, search: 'seen' } };
const PROVEN: Partial<Space> = { evidence: { ...NO_EVIDENCE, names: 'seen', subtree: 'seen' } };
const NAMES: Partial<Space> = { evidence: { ...NO_EVIDENCE, names: 'seen' } };
const REFUTED: Partial<Space> = { evidence: { ...NO_EVIDENCE, names: 'refuted', subtree: 'refuted' } };
const SHOWN: SpaceContext = {
  ...NO_CONTEXT,
  evidence: new Map([['https://cloud.example.org/', { seen: 10, refuted: 0 }]]),
};
const DOUBTED: SpaceContext = {
  ...NO_CONTEXT,
  evidence: new Map([['https://cloud.example.org/', { seen: 10, refuted: 1 }]]),
};
const ELSEWHERE: SpaceContext = {
  ...NO_CONTEXT,
  evidence: new Map([['https://dav.example.org/', { seen: 10, refuted: 0 }]]),
};
const FAILED = { kind: 'failed', message: 'no answer', at: 1 } as const;

describe('how a space is looked at', () => {
  it.each<[string, Partial<Space>, SpaceContext, boolean, object]>([
    ['knows nothing yet', {}, NO_CONTEXT, true, { way: 'walk', pruning: 'learning', search: 'none' }],
    ['has shown subtrees', PROVEN, NO_CONTEXT, true, { way: 'markers', pruning: 'subtree' }],
    ['has shown names', NAMES, NO_CONTEXT, true, { way: 'markers', pruning: 'names' }],
    ['was refuted', REFUTED, SHOWN, true, { way: 'walk', pruning: 'off' }],
    ['has shown nothing where ten others have', {}, SHOWN, true, { way: 'markers', pruning: 'believed' }],
    ['has shown names where ten others have more', NAMES, SHOWN, true, { way: 'markers', pruning: 'believed' }],
    ['has shown nothing where another was refuted', {}, DOUBTED, true, { way: 'walk', pruning: 'learning' }],
    ['has shown nothing where ten of another storage have', {}, ELSEWHERE, true, { way: 'walk', pruning: 'learning' }],
    ['is searched', SEARCHED, NO_CONTEXT, true, { way: 'search', search: 'on', pruning: 'learning' }],
    ['is searched and has shown subtrees', { ...SEARCHED, ...PROVEN }, NO_CONTEXT, true, { way: 'search' }],
    [
      'could be searched, which is off',
      { ...SEARCHED, ...PROVEN },
      NO_CONTEXT,
      false,
      { way: 'markers', search: 'none' },
    ],
    ['is searched and fails', { ...SEARCHED, trouble: FAILED }, NO_CONTEXT, true, { way: 'walk', search: 'on' }],
    ['is searched and holds', { ...SEARCHED, ...PROVEN, heldRemovals: 3 }, NO_CONTEXT, true, { way: 'markers' }],
    [
      'was refuted by a search',
      { search: { ...NO_SEARCH, search: 'refuted' } },
      NO_CONTEXT,
      true,
      { way: 'walk', search: 'off' },
    ],
  ])('one that %s', (_, own, context, isSearchAllowed, expected) => {
    expect(lookOf({ ...SPACE, ...own }, context, isSearchAllowed)).toMatchObject(expected);
  });

  it.each<[number | null, number | null, number | null]>([
    [null, null, null],
    [1_000, null, null],
    [null, 61_000, null],
    [1_000, 61_000, 60_000],
    [61_000, 1_000, 0],
  ])('last at %s and next at %s: every %s', (lastSuccessAt, nextSyncAt, intervalMs) => {
    expect(lookOf({ ...SPACE, lastSuccessAt, nextSyncAt }, NO_CONTEXT, true)).toMatchObject({ intervalMs });
  });

  it.each<[string, ReadonlyMap<string, string>, boolean]>([
    ['of a user who has connected this storage', new Map([['jm', 'https://cloud.example.org/']]), true],
    ['of a user who has connected another one', new Map([['jm', 'https://other.example.org/']]), false],
    ['of a user who has connected none', new Map([['lab', 'https://cloud.example.org/']]), false],
  ])('is linked or not: %s', (_, servers, isLinked) => {
    expect(lookOf(SPACE, { ...NO_CONTEXT, servers }, true)).toMatchObject({ isLinked });
  });

  it.each([
    ['https://cloud.example.org/remote.php/dav/files/jm/', 'https://cloud.example.org/'],
    ['http://127.0.0.1:8080/jm/', 'http://127.0.0.1:8080/'],
  ])('is of the storage of its URL: %s', (url, storage) => {
    expect(storageOf(url)).toBe(storage);
  });
});
