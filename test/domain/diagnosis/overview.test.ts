import { describe, expect, test } from 'vitest';
import { overviewOf } from '../../../src/domain/diagnosis/overview.js';
import { UNKNOWN_RATE } from '../../../src/domain/freshness/change-rate.js';
import { NO_EVIDENCE } from '../../../src/domain/model/markers.js';
import { NO_SEARCH } from '../../../src/domain/model/search.js';
import type { Space, SpaceTrouble } from '../../../src/domain/model/space.js';

const NOW = 1_000_000;

function space(user: string, url: string, rest: Partial<Space> = {}): Space {
  const times = { changedAt: null, addedAt: 0, lastSuccessAt: NOW - 10, lastSyncAt: NOW - 10, nextSyncAt: null };
  const counts = {
    id: 1,
    revision: 1,
    images: 2,
    describedImages: 2,
    waitingImages: 0,
    incompleteImages: 0,
    brokenImages: 0,
    readBytes: 0,
    collections: 1,
  };
  const held = { heldRemovals: null, heldReasons: [], isRemovalRefused: false };
  return {
    user,
    url,
    ...times,
    ...counts,
    ...held,
    trouble: null,
    evidence: NO_EVIDENCE,
    search: NO_SEARCH,
    rate: UNKNOWN_RATE,
    ...rest,
  };
}

const trouble = (kind: SpaceTrouble['kind'], message: string, at: number) => ({ trouble: { kind, message, at } });

describe('all spaces at a glance', () => {
  test('are counted by state, and told by storage, those in trouble first', () => {
    const overview = overviewOf(
      [
        space('a', 'https://a/a/'),
        space('b', 'https://b:8443/b/', { ...trouble('failed', 'no answer', 50), lastSuccessAt: 7 }),
        space('c', 'https://b:8443/c/', trouble('failed', 'no answer', 40)),
        space('d', 'https://b:8443/d/', trouble('unauthorized', '401', 45)),
        space('e', 'https://a/e/', trouble('incomplete', 'a folder', 45)),
        space('f', 'https://a/f/', { heldRemovals: 30 }),
      ],
      NOW,
      1_000_000,
    );
    expect(Object.fromEntries(overview.states)).toEqual({ fresh: 1, failing: 2, suspended: 1, stale: 1, held: 1 });
    expect(overview.hosts).toEqual([
      { origin: 'https://b:8443', spaces: 3, inTrouble: 3, since: 40, message: 'no answer' },
      { origin: 'https://a', spaces: 3, inTrouble: 0, since: null, message: null },
    ]);
    expect(overview).toMatchObject({
      images: 12,
      heldSpaces: 1,
      heldImages: 30,
      suspended: 1,
      allWholeSince: 7,
      neverWhole: 0,
    });
  });

  test('that were never listed whole are told', () => {
    const overview = overviewOf(
      [space('a', 'http://a/'), space('b', 'http://a/', { lastSuccessAt: null, lastSyncAt: null })],
      NOW,
      1,
    );
    expect(overview).toMatchObject({ allWholeSince: null, neverWhole: 1 });
    expect(overviewOf([], NOW, 1)).toMatchObject({ images: 0, hosts: [], allWholeSince: null, neverWhole: 0 });
  });
});
