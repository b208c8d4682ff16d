import { describe, expect, it } from 'vitest';
import { guardProofOf, passwordProofOf, sameHomeProofOf } from '../../../src/domain/hosts/log-in-proof.js';
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

describe('the proof that a password opens the home that is crawled', () => {
  const there = { presence: 'present' } as const;
  it.each([
    ['good', 'the same folder', { fileId: '7' }, { ...there, fileId: '7' }],
    ['refused', 'another folder', { fileId: '8' }, { ...there, fileId: '7' }],
    ['good', 'folders without numbers', {}, { ...there }],
    ['good', 'a folder whose number the own credentials do not show', { fileId: '8' }, { ...there, fileId: null }],
    ['unavailable', 'own credentials that are of no use', { fileId: '7' }, { presence: 'unknown', fileId: null }],
    ['unavailable', 'a home that is gone', { fileId: '7' }, { presence: 'absent' }],
  ] as const)('is %s by %s', (proof, _case, its, own) => {
    expect(sameHomeProofOf(its, own)).toBe(proof);
  });
});
