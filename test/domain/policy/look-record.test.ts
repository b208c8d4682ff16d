import { describe, expect, it } from 'vitest';
import { rateAfterLook, UNKNOWN_RATE } from '../../../src/domain/freshness/change-rate.js';
import { NO_COUNTS } from '../../../src/domain/model/sync.js';
import { afterLook } from '../../../src/domain/policy/look-record.js';

const NOW = 10_000_000;
const KNOWN = { rate: UNKNOWN_RATE, lookCost: 8, lastSuccessAt: NOW - 60_000 };
const looked = (before: Partial<typeof KNOWN>, mode: 'full' | 'incremental', counts: Partial<typeof NO_COUNTS>) =>
  afterLook({ ...KNOWN, ...before }, { mode }, { counts: { ...NO_COUNTS, ...counts } }, NOW);

describe('afterLook', () => {
  it.each([
    ['an image that is new', { added: 1 }, true],
    ['one that is another', { altered: 1 }, true],
    ['one that is gone', { removed: 1 }, true],
    ['none of these', { images: 7, collections: 3 }, false],
  ])('takes %s for what it is', (_, counts, hasChanged) => {
    expect(looked({}, 'full', counts).rate).toEqual(rateAfterLook(UNKNOWN_RATE, hasChanged, 60_000));
  });

  it.each([
    ['costs what it took at first', null, 'incremental', 487, 487],
    ['is cheap as soon as markers are believed', 487, 'incremental', 1, 1],
    ['is half dearer at most for one that found something', 1, 'incremental', 5, 3],
    ['costs a request at least', 4, 'incremental', 0, 1],
    ['costs what it did, whatever a full sync takes', 1, 'full', 487, 1],
  ] as const)('%s', (_, lookCost, mode, requests, expected) => {
    const before = { ...KNOWN, lookCost };
    expect(afterLook(before, { mode }, { counts: { ...NO_COUNTS, requests } }, NOW).lookCost).toBe(expected);
  });
});
