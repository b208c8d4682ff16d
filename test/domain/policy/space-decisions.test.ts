import { describe, expect, it } from 'vitest';
import { NO_EVIDENCE } from '../../../src/domain/model/markers.js';
import { afterChange, changeOf } from '../../../src/domain/policy/configured-spaces.js';
import {
  removalsAccepted,
  removalsRefused,
  resumed,
  retriedAfterLogIn,
  retriedAt,
  retryPutOff,
} from '../../../src/domain/policy/space-decisions.js';
import { newRecord, type SpaceRecord } from '../../../src/domain/policy/space-record.js';

const NOW = 1_000;
const DAY = 86_400_000;
const RECORD: SpaceRecord = { ...newRecord(1), dueAt: 5_000 };
const SUSPENDED: SpaceRecord = {
  ...RECORD,
  trouble: { kind: 'unauthorized', message: '401', at: 5 },
  refusals: 3,
  retryAt: 9_000,
};
const HELD: SpaceRecord = { ...RECORD, heldRemovals: 30, heldReasons: ['a'] };

describe('decisions about a space', () => {
  it('resume a suspended one, which is due at once, and no other', () => {
    expect(resumed(SUSPENDED, NOW)).toEqual({ ...RECORD, dueAt: NOW });
    expect(resumed({ ...SUSPENDED, dueAt: 5 }, NOW)?.dueAt).toBe(5);
    expect(resumed(RECORD, NOW)).toBeNull();
  });

  it('set when a suspended one is tried, and no other', () => {
    expect(retriedAt(7)(SUSPENDED, NOW)).toEqual({ ...SUSPENDED, retryAt: 7 });
    expect(retriedAt(7)(RECORD, NOW)).toBeNull();
  });

  it('try a suspended one once its user has logged in, unless a try is on its way, and no other', () => {
    const planned = { ...SUSPENDED, retryAt: DAY };
    expect(retriedAfterLogIn({ ...planned, refusals: 1 }, NOW)).toEqual({ ...planned, refusals: 1, retryAt: NOW });
    expect(retriedAfterLogIn(planned, NOW)).toEqual({ ...planned, retryAt: 5 + 600_000 });
    expect(retriedAfterLogIn({ ...SUSPENDED, retryAt: null }, NOW)).toBeNull();
    expect(retriedAfterLogIn(RECORD, NOW)).toBeNull();
  });

  it('put the next try off by a day if this one was cancelled', () => {
    expect(retryPutOff({ ...SUSPENDED, retryAt: null }, NOW)?.retryAt).toBe(NOW + DAY);
    expect(retryPutOff(SUSPENDED, NOW)).toBeNull();
    expect(retryPutOff(RECORD, NOW)).toBeNull();
  });

  it('accept or refuse a removal, the last word counting, and only while one is held', () => {
    const accepted = { ...HELD, isRemovalAccepted: true, dueAt: NOW };
    expect(removalsAccepted({ ...HELD, isRemovalRefused: true }, NOW)).toEqual(accepted);
    expect(removalsRefused(accepted, NOW)).toEqual({ ...accepted, isRemovalAccepted: false, isRemovalRefused: true });
    expect(removalsAccepted(RECORD, NOW)).toBeNull();
    expect(removalsRefused(RECORD, NOW)).toBeNull();
  });
});

describe('a configuration', () => {
  const SPACE = { user: 'jm', url: 'http://a.test/', rules: 'r', isConfigured: true };
  const HERE = { url: SPACE.url };
  const ELSEWHERE = { url: 'http://b.test/' };
  it.each([
    ['leaves a space as it is', SPACE, HERE, 'r', 'same', false, []],
    ['leaves a space out, and ends its syncs', SPACE, null, 'r', 'left-out', true, []],
    ['leaves one that is out as it is', { ...SPACE, isConfigured: false }, null, 'other', 'same', false, []],
    ['takes one up again', { ...SPACE, isConfigured: false }, HERE, 'r', 'taken-up', false, []],
    ['trusts no marker under other rules', SPACE, HERE, 'other', 'same', false, ['markers']],
    ['trusts none of a space without rules', { ...SPACE, rules: null }, HERE, 'r', 'same', false, ['markers']],
    ['starts over elsewhere', SPACE, ELSEWHERE, 'r', 'relocated', true, ['markers', 'listings']],
    [
      'starts over elsewhere with one that was out',
      { ...SPACE, isConfigured: false },
      ELSEWHERE,
      'other',
      'relocated',
      true,
      ['markers', 'listings'],
    ],
  ] as const)('%s', (_, space, wanted, rules, standing, endsSyncs, voids) => {
    expect(changeOf(space, wanted, rules)).toEqual({ standing, endsSyncs, voids });
  });

  const NOTED: SpaceRecord = {
    ...SUSPENDED,
    ...HELD,
    trouble: SUSPENDED.trouble,
    isRemovalAccepted: true,
    lastSyncAt: 4,
    lastSuccessAt: 3,
    leftOff: { mode: 'full', syncs: [1] },
    evidence: { ...NO_EVIDENCE, names: 'seen', subtree: 'seen' },
    pollDueAt: 6_000,
  };
  const UNTROUBLED = { trouble: null, isTroubleOfHint: false, refusals: 0, retryAt: null, dueAt: NOW };
  it.each([
    [
      'another URL voids all that was noted but when it was synced',
      ELSEWHERE,
      true,
      'r',
      2,
      {
        ...UNTROUBLED,
        heldRemovals: null,
        heldReasons: [],
        isRemovalAccepted: false,
        isRelocated: true,
        leftOff: null,
        evidence: NO_EVIDENCE,
        pollDueAt: null,
      },
    ],
    ['a space that comes back has another chance', HERE, false, 'r', 2, UNTROUBLED],
    ['other rules void where it was left off', HERE, true, 'other', 2, { leftOff: null }],
    ['a space that is left out keeps its record', null, true, 'r', 2, {}],
  ] as const)('%s', (_, wanted, isConfigured, rules, shown, changed) => {
    const change = changeOf({ ...SPACE, isConfigured }, wanted, rules);
    expect(afterChange(NOTED, change, shown, NOW)).toEqual({ ...NOTED, ...changed });
  });

  it('has nothing to lose at another URL where no image is shown', () => {
    expect(afterChange(NOTED, changeOf(SPACE, ELSEWHERE, 'r'), 0, NOW).isRelocated).toBe(false);
  });
});
