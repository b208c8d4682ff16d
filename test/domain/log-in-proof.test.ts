import { describe, expect, it } from 'vitest';
import type { ListingFailure } from '../../src/domain/listing.js';
import { guardProofOf, isLastingGuard, passwordProofOf } from '../../src/domain/log-in-proof.js';

/** Each kind of answer; what it says of a password that came along, and what it says where none did. */
const TABLE: Readonly<Record<ListingFailure, readonly [password: string, guard: string, lasting: boolean]>> = {
  unauthorized: ['refused', 'guarded', true],
  forbidden: ['refused', 'guarded', false],
  'not-found': ['refused', 'guarded', false],
  redirected: ['unavailable', 'guarded', false],
  unreachable: ['unavailable', 'unknown', false],
  timeout: ['unavailable', 'unknown', false],
  rejected: ['unavailable', 'unknown', false],
  busy: ['unavailable', 'unknown', false],
  status: ['unavailable', 'unknown', false],
  'not-multistatus': ['unavailable', 'unknown', false],
  malformed: ['unavailable', 'unknown', false],
  truncated: ['unavailable', 'unknown', false],
  'no-self': ['unavailable', 'unknown', false],
  'no-collection': ['unavailable', 'unknown', false],
  'foreign-href': ['unavailable', 'unknown', false],
  paged: ['unavailable', 'unknown', false],
  'too-large': ['unavailable', 'unknown', false],
};

describe('the proof of a password', () => {
  it.each(Object.entries(TABLE))('by an answer of the kind %s is %j', (kind, expected) => {
    const answer = { presence: 'unknown', failure: kind as ListingFailure } as const;
    expect([passwordProofOf(answer), guardProofOf(answer), isLastingGuard(answer)]).toEqual(expected);
  });

  it('is given by a storage that shows the root with it, and not without', () => {
    const shown = { presence: 'present', failure: null } as const;
    expect([passwordProofOf(shown), guardProofOf(shown), isLastingGuard(shown)]).toEqual(['good', 'open', false]);
  });
});
