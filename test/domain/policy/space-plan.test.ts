import { describe, expect, it } from 'vitest';
import { NO_EVIDENCE } from '../../../src/domain/model/markers.js';
import {
  dueMode,
  earlier,
  filedPlan,
  mayBeLookedAt,
  mayBePolled,
  nextSyncAt,
  scheduled,
} from '../../../src/domain/policy/space-plan.js';
import { newRecord } from '../../../src/domain/policy/space-record.js';

const NEW = newRecord(100);
const SUSPENDED = { kind: 'unauthorized', message: '401', at: 1 } as const;
const SEEN = { ...NO_EVIDENCE, names: 'seen', subtree: 'seen' } as const;

describe('when a space is due', () => {
  it.each([
    [null, null, null],
    [1, null, 1],
    [null, 2, 2],
    [2, 1, 1],
  ])('the earlier of %j and %j is %j', (a, b, expected) => expect(earlier(a, b)).toBe(expected));

  it('is the earliest of its plans', () => {
    expect(nextSyncAt({ ...NEW, dueAt: 3, fullDueAt: 2, pollDueAt: 4, retryAt: 1 })).toBe(2);
    expect(nextSyncAt({ ...NEW, dueAt: null })).toBeNull();
  });

  it('is its own time alone while it is suspended', () => {
    const suspended = { ...NEW, trouble: SUSPENDED, fullDueAt: 2, pollDueAt: 3 };
    expect(nextSyncAt({ ...suspended, retryAt: 9 })).toBe(9);
    expect(nextSyncAt({ ...suspended, retryAt: null })).toBeNull();
  });

  it('keeps an earlier time that is set already', () => {
    expect(scheduled({ ...NEW, dueAt: 5 }, 'incremental', 6).dueAt).toBe(5);
    expect(scheduled({ ...NEW, dueAt: 5 }, 'incremental', 4).dueAt).toBe(4);
    expect(scheduled(NEW, 'full', 6)).toMatchObject({ dueAt: 100, fullDueAt: 6 });
  });

  it.each([
    ['whose markers prove subtrees', { evidence: SEEN }, true],
    ['whose markers prove names alone', { evidence: { ...SEEN, subtree: 'none' } as const }, false],
    ['whose markers were refuted', { evidence: { ...SEEN, subtree: 'refuted' } as const }, false],
    ['that is in trouble', { evidence: SEEN, trouble: { ...SUSPENDED, kind: 'incomplete' } as const }, false],
    ['whose removals are held', { evidence: SEEN, heldRemovals: 1 }, false],
    ['that costs little', { evidence: SEEN, unchangedRequests: 20 }, true],
    ['that costs more', { evidence: SEEN, unchangedRequests: 21 }, false],
  ])('polls a space %s: %#', (_, changed, expected) => {
    const record = { ...NEW, ...changed };
    expect(mayBePolled(record)).toBe(expected);
    expect(scheduled(record, 'poll', 7).pollDueAt).toBe(expected ? 7 : null);
  });

  it.each([
    ['in order', { lastSuccessAt: 5 }, true],
    ['that was never synced', {}, false],
    ['in trouble', { lastSuccessAt: 5, trouble: { ...SUSPENDED, kind: 'failed' } as const }, false],
    ['whose removals are held', { lastSuccessAt: 5, heldRemovals: 1 }, false],
  ])('looks at a space %s at the time that is set last: %#', (_, changed, expected) => {
    const record = { ...NEW, ...changed };
    expect(mayBeLookedAt(record)).toBe(expected);
    expect(scheduled(record, 'look', 7).pollDueAt).toBe(expected ? 7 : null);
    expect(scheduled({ ...record, pollDueAt: 3 }, 'look', 7).pollDueAt).toBe(expected ? 7 : 3);
  });

  it.each([
    [null, 'incremental'],
    [9, 'full'],
    [10, 'full'],
    [11, 'incremental'],
  ] as const)('with a full sync due at %j, at 10 it gets a sync that is %s', (fullDueAt, mode) => {
    expect(dueMode({ fullDueAt }, 10)).toBe(mode);
  });

  it('plans all anew that a filed sync does', () => {
    const nothing = { dueAt: null, pollDueAt: null, retryAt: null };
    expect(filedPlan({ fullDueAt: 5 }, 'full')).toEqual({ ...nothing, fullDueAt: null });
    expect(filedPlan({ fullDueAt: 5 }, 'incremental')).toEqual({ ...nothing, fullDueAt: 5 });
  });
});
