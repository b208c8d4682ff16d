import { describe, expect, it } from 'vitest';
import { isInTerm, type KeptLead, leadAfter, NOBODY } from '../../../src/domain/policy/leadership.js';

const LEASE_MS = 10;
const NOW = 1_000;
const of = (holder: string, term: number, until: number): KeptLead => ({ holder, term, until });

describe('the lead', () => {
  it.each<[string, KeptLead, KeptLead | null]>([
    ['is taken if nobody has led', NOBODY, of('a', 1, NOW + LEASE_MS)],
    ['is kept in its term while the lease lasts', of('a', 4, NOW + 1), of('a', 4, NOW + LEASE_MS)],
    ['is kept in its term after the lease if nobody else has led', of('a', 4, NOW - 99), of('a', 4, NOW + LEASE_MS)],
    ['stays with another one until the lease ends', of('b', 4, NOW + 1), null],
    ['is taken over at the end of the lease', of('b', 4, NOW), of('a', 5, NOW + LEASE_MS)],
    ['is taken over if it was given back', of('', 4, 0), of('a', 5, NOW + LEASE_MS)],
    [
      'is taken over if the lease is from before the clock jumped back',
      of('b', 4, NOW + 101),
      of('a', 5, NOW + LEASE_MS),
    ],
  ])('%s', (_case, kept, expected) => {
    expect(leadAfter(kept, { holder: 'a', now: NOW, leaseMs: LEASE_MS })).toEqual(expected);
  });

  it.each([
    ['its own term', of('a', 4, 0), true],
    ['a later term, even of its own', of('a', 5, 0), false],
    ['a term of another', of('b', 5, 0), false],
    ['a term that was given back', of('', 4, 0), false],
  ])('decides in %s: %j', (_case, kept, expected) => {
    expect(isInTerm(kept, { holder: 'a', term: 4 })).toBe(expected);
  });
});
