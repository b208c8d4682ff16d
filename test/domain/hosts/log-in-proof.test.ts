import { describe, expect, it } from 'vitest';
import { guardProofOf, passwordProofOf } from '../../../src/domain/hosts/log-in-proof.js';
import type { ListingFailure } from '../../../src/domain/model/listing.js';

/** Each kind of answer; what it says of a password that came along, and what it says where none did. */
const TABLE: Readonly<Record<ListingFailure, readonly [password: string, guard: string]>> = {
  unauthorized: ['refused', 'guarded'],
  forbidden: ['refused', 'guarded'],
  'not-found': ['refused', 'guarded'],
  redirected: ['unavailable', 'guarded'],
  unreachable: ['unavailable', 'unknown'],
  timeout: ['unavailable', 'unknown'],
  rejected: ['unavailable', 'unknown'],
  busy: ['unavailable', 'unknown'],
  maintenance: ['unavailable', 'unknown'],
  status: ['unavailable', 'unknown'],
  'not-multistatus': ['unavailable', 'unknown'],
  malformed: ['unavailable', 'unknown'],
  truncated: ['unavailable', 'unknown'],
  'no-self': ['unavailable', 'unknown'],
  'no-collection': ['unavailable', 'unknown'],
  'foreign-href': ['unavailable', 'unknown'],
  paged: ['unavailable', 'unknown'],
  'too-large': ['unavailable', 'unknown'],
};

describe('the proof of a password', () => {
  it.each(Object.entries(TABLE))('by an answer of the kind %s is %j', (kind, expected) => {
    const answer = { presence: 'unknown', failure: kind as ListingFailure } as const;
    expect([passwordProofOf(answer), guardProofOf(answer)]).toEqual(expected);
  });

  it('is given by a storage that shows the root with it, and not without', () => {
    const shown = { presence: 'present', failure: null } as const;
    expect([passwordProofOf(shown), guardProofOf(shown)]).toEqual(['good', 'open']);
  });
});
