import { describe, expect, it } from 'vitest';
import {
  isLastingRefusal,
  maySearchFirst,
  offerAfterOptions,
  offerAfterSearch,
  offerAt,
  type SearchOffer,
} from '../../../src/domain/hosts/search-offer.js';

const NOW = 1_000;
const DAY = 86_400_000;
const none: SearchOffer = { kind: 'none', until: NOW + DAY };
const doubtful = (unsaid: number): SearchOffer => ({ kind: 'doubtful', unsaid });
const promised = (refusals: number): SearchOffer => ({ kind: 'promised', refusals });

describe('what a server offers', () => {
  it.each<[SearchOffer['kind'], SearchOffer, number, SearchOffer]>([
    ['unknown', { kind: 'unknown' }, 207, { kind: 'proven' }],
    ['unknown', { kind: 'unknown' }, 405, none],
    ['unknown', { kind: 'unknown' }, 501, none],
    ['unknown', { kind: 'unknown' }, 500, doubtful(0)],
    ['unknown', { kind: 'unknown' }, 403, doubtful(0)],
    ['unknown', { kind: 'unknown' }, 401, { kind: 'unknown' }],
    ['unknown', { kind: 'unknown' }, 503, { kind: 'unknown' }],
    ['promised', promised(1), 500, promised(2)],
    ['promised', promised(2), 403, none],
    ['promised', promised(2), 503, promised(2)],
    ['promised', promised(2), 207, { kind: 'proven' }],
    ['promised', promised(1), 405, none],
    ['proven', { kind: 'proven' }, 405, { kind: 'proven' }],
    ['proven', { kind: 'proven' }, 500, { kind: 'proven' }],
    ['none', none, 500, none],
  ])('is %s before a search, given %o and %i, and %o after it', (_, before, status, after) => {
    expect(offerAfterSearch(before, status, NOW)).toEqual(after);
  });

  it('is what it says itself once one search was refused', () => {
    expect(offerAfterOptions(doubtful(0), 'not-offered', NOW).offer).toEqual({ kind: 'none', until: null });
    expect(offerAfterOptions(doubtful(0), 'offered', NOW).offer).toEqual(promised(1));
  });

  it('stays doubtful while it does not say, and is asked less and less often, at least once a day', () => {
    let offer: SearchOffer = doubtful(0);
    const pauses: number[] = [];
    for (let time = 0; time < 8; time++) {
      const after = offerAfterOptions(offer, 'unsaid', NOW);
      pauses.push((after.until - NOW) / 60_000);
      offer = after.offer;
    }
    expect(pauses).toEqual([1, 4, 16, 64, 256, 1_024, 1_440, 1_440]);
    expect(offer).toEqual(doubtful(8));
  });

  it('is unknown again a day after a refusal, but not after its own word', () => {
    expect(offerAt(none, NOW + DAY - 1)).toBe(none);
    expect(offerAt(none, NOW + DAY)).toEqual({ kind: 'unknown' });
    const said: SearchOffer = { kind: 'none', until: null };
    expect(offerAt(said, NOW + 100 * DAY)).toBe(said);
  });

  it('is searched first unless it has refused that or denied it', () => {
    const offers: readonly SearchOffer[] = [{ kind: 'unknown' }, doubtful(0), promised(1), { kind: 'proven' }, none];
    expect(offers.filter(maySearchFirst).map(({ kind }) => kind)).toEqual(['unknown', 'promised', 'proven']);
  });

  it('is refused for good by what is no trouble of the moment', () => {
    expect([207, 400, 401, 403, 404, 405, 429, 500, 501, 503].filter(isLastingRefusal)).toEqual([
      400, 403, 404, 405, 500, 501,
    ]);
  });
});
