import { describe, expect, it } from 'vitest';
import {
  isLastingRefusal,
  maySearchFirst,
  offerAfterOptions,
  offerAfterSearch,
  type SearchOffer,
} from '../../../src/domain/hosts/search-offer.js';

const promised = (refusals: number): SearchOffer => ({ kind: 'promised', refusals });

describe('what a server offers', () => {
  it.each<[SearchOffer['kind'], SearchOffer, number, SearchOffer]>([
    ['unknown', { kind: 'unknown' }, 207, { kind: 'proven' }],
    ['unknown', { kind: 'unknown' }, 405, { kind: 'none' }],
    ['unknown', { kind: 'unknown' }, 501, { kind: 'none' }],
    ['unknown', { kind: 'unknown' }, 500, { kind: 'doubtful' }],
    ['unknown', { kind: 'unknown' }, 403, { kind: 'doubtful' }],
    ['unknown', { kind: 'unknown' }, 401, { kind: 'unknown' }],
    ['unknown', { kind: 'unknown' }, 503, { kind: 'unknown' }],
    ['promised', promised(1), 500, promised(2)],
    ['promised', promised(2), 403, { kind: 'none' }],
    ['promised', promised(2), 503, promised(2)],
    ['promised', promised(2), 207, { kind: 'proven' }],
    ['promised', promised(1), 405, { kind: 'none' }],
    ['proven', { kind: 'proven' }, 405, { kind: 'proven' }],
    ['proven', { kind: 'proven' }, 500, { kind: 'proven' }],
    ['none', { kind: 'none' }, 500, { kind: 'none' }],
  ])('is %s before a search, given %o and %i, and %o after it', (_, before, status, after) => {
    expect(offerAfterSearch(before, status)).toEqual(after);
  });

  it('is what it says itself once one search was refused', () => {
    expect(offerAfterOptions(false)).toEqual({ kind: 'none' });
    expect(offerAfterOptions(true)).toEqual(promised(1));
  });

  it('is searched first unless it has refused that or denied it', () => {
    const offers: readonly SearchOffer[] = [
      { kind: 'unknown' },
      { kind: 'doubtful' },
      promised(1),
      { kind: 'proven' },
      { kind: 'none' },
    ];
    expect(offers.filter(maySearchFirst).map(({ kind }) => kind)).toEqual(['unknown', 'promised', 'proven']);
  });

  it('is refused for good by what is no trouble of the moment', () => {
    expect([207, 400, 401, 403, 404, 405, 429, 500, 501, 503].filter(isLastingRefusal)).toEqual([
      400, 403, 404, 405, 500, 501,
    ]);
  });
});
