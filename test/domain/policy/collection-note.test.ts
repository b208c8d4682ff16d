import { describe, expect, it } from 'vitest';
import { markedAbsent, reconfirmedSince } from '../../../src/domain/policy/absence.js';
import { noteOf } from '../../../src/domain/policy/collection-note.js';
import type { CollectionChanges } from '../../../src/domain/reconcile/reconcile.js';
import { NO_CHANGES } from '../../support/collection-changes.js';

const SYNC = 7;
const BEFORE = { emptyInSync: null, modifiedAt: 1, listedAt: 2 };
const CHANGES: CollectionChanges = { ...NO_CHANGES, marker: 'm', modifiedAt: 10, askedAt: 20, isSettled: true };
const LISTED = {
  kind: 'listed',
  marker: 'm',
  modifiedAt: 10,
  listedAt: 20,
  isSettled: true,
  isProven: false,
  emptyInSync: null,
  isContradicted: false,
  listedInSync: SYNC,
  toVisit: null,
};
const HELD = { kind: 'held', isSettled: false, isProven: false, emptyInSync: null, isContradicted: false };
const DOUBTED = { doubted: [{}] } as unknown as Partial<CollectionChanges>;

describe('what is noted of a collection', () => {
  it.each<[string, Partial<CollectionChanges>, readonly string[], object]>([
    ['its listing, which proves nothing below it', {}, [], {}],
    ['no more trust in its marker than the listing has', { isSettled: false }, [], { isSettled: false }],
    ['none while a child is in doubt', {}, ['d/x'], { isSettled: false }],
    [
      'none while an image is in doubt, and the date from before',
      DOUBTED,
      [],
      { isSettled: false, modifiedAt: 1, listedAt: 2 },
    ],
    [
      'the date of what is shown, if that ends a hold: what is in doubt was shown by a bare mount point',
      { ...DOUBTED, isHoldOver: true },
      [],
      { isSettled: false },
    ],
    [
      'that it was believed to be empty though its date says nothing',
      { isDoubtful: true },
      [],
      { isContradicted: true },
    ],
  ])('if it is believed: %s', (_, changes, unproven, expected) => {
    const commit = { changes: { ...CHANGES, ...changes }, unproven, removals: 'apply', toVisit: null } as const;
    expect(noteOf({ ...BEFORE, emptyInSync: 5 }, commit, SYNC)).toEqual({ ...LISTED, ...expected });
  });

  it.each<[string, Partial<CollectionChanges>, number | null, object]>([
    ['that the next sync looks again', {}, null, {}],
    ['that it was emptied', { emptying: 'unsure' }, null, { emptyInSync: SYNC }],
    ['that it was emptied anew', { emptying: 'unsure' }, 5, { emptyInSync: SYNC }],
    ['the sync that first found it so', { emptying: 'unsure', isHeldOn: true }, 5, { emptyInSync: 5 }],
    [
      'that its date contradicts it',
      { emptying: 'contradicted', isHeldOn: true },
      5,
      { emptyInSync: 5, isContradicted: true },
    ],
    ['that something is back', {}, 5, {}],
  ])('if its removals are held: %s', (_, changes, emptyInSync, expected) => {
    const commit = {
      changes: { ...CHANGES, ...changes },
      unproven: [],
      removals: 'hold',
      toVisit: null,
    } as const;
    expect(noteOf({ ...BEFORE, emptyInSync }, commit, SYNC)).toEqual({ ...HELD, ...expected });
  });
});

describe('marks of absence', () => {
  const marks = (absentInSync: number | null, absentInFull: number | null, absentSince: number | null) => ({
    absentInSync,
    absentInFull,
    absentSince,
  });

  it.each([
    [marks(null, null, null), false, marks(7, null, 100)],
    [marks(null, 3, 50), false, marks(7, null, 100)],
    [marks(null, 3, 50), true, marks(7, 7, 100)],
    [marks(5, null, 50), true, marks(5, 7, 50)],
    [marks(5, 6, 50), true, marks(5, 6, 50)],
    [marks(5, null, 50), false, marks(5, null, 50)],
  ])('%j in a sync that is full: %s', (before, isFull, after) => {
    expect(markedAbsent(before, { id: SYNC, isFull }, 100)).toEqual(after);
  });

  it.each([
    [marks(5, 6, 50), 7, null, marks(5, 6, 50)],
    [marks(5, 6, 50), 6, null, marks(5, null, 50)],
    [marks(5, 6, 50), 5, null, marks(null, null, 50)],
    [marks(5, null, 50), 4, null, marks(null, null, 50)],
    [marks(5, 6, 50), 7, 8, marks(5, 6, 50)],
    [marks(5, 6, 50), 5, 8, marks(8, null, 50)],
    [marks(null, null, null), 5, 8, marks(null, null, null)],
  ])('%j below a collection that is back and was missed since %i, emptied in %j', (before, since, emptied, after) => {
    expect(reconfirmedSince(before, since, { emptiedInSync: emptied, isRefused: false })).toEqual(after);
    expect(reconfirmedSince(before, since, { emptiedInSync: emptied, isRefused: true })).toEqual(before);
  });
});
