import { describe, expect, it } from 'vitest';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { SpaceTrouble } from '../../../src/domain/model/space.js';
import {
  NO_COUNTS,
  type Sync,
  type SyncOutcome,
  type SyncRequest,
  type SyncTrigger,
} from '../../../src/domain/model/sync.js';
import { compareClaims, disbelievedAfter, isLeaseFree, mayRun } from '../../../src/domain/policy/sync-claim.js';
import { fileRequest, followUpOf, requireFileable } from '../../../src/domain/policy/sync-filing.js';
import { forgottenOf, retentionAfter } from '../../../src/domain/policy/sync-retention.js';

const NOW = 1_800_000_000_000;
const D = 'd' as ResourcePath;
const SYNC: Sync = {
  id: 1,
  taskId: '',
  spaceId: 1,
  user: 'jm',
  mode: 'incremental',
  trigger: 'schedule',
  requestedBy: null,
  targets: [],
  status: 'PENDING',
  createdAt: 0,
  updatedAt: 0,
  startedAt: null,
  endedAt: null,
  expected: null,
  counts: NO_COUNTS,
  waiting: 0,
  errors: [],
  warnings: [],
};
const REQUEST: SyncRequest = { spaceId: 1, mode: 'incremental', trigger: 'request', requestedBy: 'jm', targets: [] };
const SUSPENDED = { kind: 'unauthorized', message: '401', at: 1 } as const;
const TRIGGERS = ['schedule', 'hint', 'request', 'command'] as const;

describe('a request for a sync', () => {
  it('files one, without targets unless it is a hint', () => {
    const { mode, trigger, requestedBy } = REQUEST;
    const filed = (request: SyncRequest) => fileRequest(request, null, null, NOW);
    expect(filed({ ...REQUEST, targets: [D] })).toEqual({
      by: 'new',
      sync: { mode, trigger, requestedBy, targets: [] },
    });
    expect(filed({ ...REQUEST, mode: 'hint', targets: [D, D] })).toMatchObject({ sync: { targets: [D] } });
  });

  it('is taken in by the one that waits, which does both, as urgent as the more urgent of them', () => {
    const waiting = { ...SYNC, requestedBy: 'lab' };
    for (const [place, trigger] of TRIGGERS.entries()) {
      for (const [other, asked] of TRIGGERS.entries()) {
        const filing = fileRequest(
          { ...REQUEST, mode: 'full', trigger: asked },
          { ...waiting, trigger },
          { sync: SYNC, leaseUntil: NOW + 1, resumedAt: null, joinedAt: null },
          NOW,
        );
        const sync = { mode: 'full', targets: [], trigger: other > place ? asked : trigger, requestedBy: 'lab' };
        expect(filing).toEqual({ by: 'waiting', id: 1, sync });
      }
    }
  });

  it.each<[Sync['mode'], SyncTrigger, SyncRequest['mode'], 'running' | 'new']>([
    ['full', 'request', 'incremental', 'running'],
    ['full', 'schedule', 'full', 'running'],
    ['incremental', 'schedule', 'full', 'new'],
    ['full', 'hint', 'hint', 'new'],
    ['full', 'command', 'incremental', 'new'],
  ])('a running %s and a %s for %s: answered by the %s one', (mode, trigger, wanted, by) => {
    const running: Sync = { ...SYNC, id: 5, mode, status: 'IN_PROGRESS' };
    const begun = { sync: running, leaseUntil: NOW + 1, resumedAt: null, joinedAt: null };
    expect(fileRequest({ ...REQUEST, mode: wanted, trigger }, null, begun, NOW).by).toBe(by);
  });

  it.each<[SyncTrigger, number | null, number | null, 'running' | 'new']>([
    ['request', NOW + 1, null, 'running'],
    ['request', NOW + 1, NOW - 1, 'new'],
    ['request', NOW, null, 'new'],
    ['request', 0, null, 'new'],
    ['request', null, null, 'new'],
    ['schedule', NOW, null, 'running'],
    ['schedule', NOW + 1, NOW - 1, 'running'],
    ['command', NOW, null, 'new'],
  ])(
    'of the kind %s, while the lease of the running one ends at %s, and it was resumed at %s: answered by the %s one',
    (trigger, leaseUntil, resumedAt, by) => {
      const sync: Sync = { ...SYNC, id: 5, mode: 'full', status: 'IN_PROGRESS' };
      expect(fileRequest({ ...REQUEST, trigger }, null, { sync, leaseUntil, resumedAt, joinedAt: null }, NOW).by).toBe(
        by,
      );
    },
  );

  it.each<[SyncTrigger, number | null, boolean]>([
    ['request', null, true],
    ['request', NOW - 1, false],
    ['schedule', null, false],
  ])(
    'of the kind %s is noted at the running one that answers it, which a client’s request has joined at %s: %s',
    (trigger, joinedAt, isNoted) => {
      const sync: Sync = { ...SYNC, id: 5, mode: 'full', status: 'IN_PROGRESS' };
      const begun = { sync, leaseUntil: NOW + 1, resumedAt: null, joinedAt };
      expect(fileRequest({ ...REQUEST, trigger }, null, begun, NOW)).toEqual({ by: 'running', id: 5, isNoted });
    },
  );

  it.each<[SyncOutcome['status'], SpaceTrouble['kind'] | null, number | null, boolean]>([
    ['PROCESSED', null, NOW, true],
    ['PROCESSED', 'incomplete', NOW, true],
    ['PROCESSED', null, null, false],
    ['ERROR', 'failed', NOW, true],
    ['ERROR', 'failed', null, false],
    ['ERROR', 'unauthorized', NOW, false],
    ['CANCELLED', null, NOW, false],
  ])(
    'that a running one has answered: once it is %s, and leaves trouble of the kind %s, joined at %s: another follows: %s',
    (status, kind, joinedAt, follows) => {
      const trouble = kind === null ? null : { kind, message: 'x', at: 1 };
      const joined = { spaceId: 1, joinedAt, joinedBy: 'lea' };
      const followUp = { spaceId: 1, mode: 'incremental', trigger: 'request', requestedBy: 'lea', targets: [] };
      expect(followUpOf(joined, status, { trouble })).toEqual(follows ? followUp : null);
    },
  );

  it('is refused without a space, and to a client while that is suspended', () => {
    const suspended = { user: 'jm', trouble: SUSPENDED, retryAt: null };
    expect(() => requireFileable(REQUEST, null)).toThrow('there is no space 1');
    expect(() => requireFileable(REQUEST, suspended)).toThrow('suspended');
    expect(() => requireFileable(REQUEST, { ...suspended, trouble: { ...SUSPENDED, kind: 'failed' } })).not.toThrow();
    for (const trigger of ['schedule', 'hint', 'command'] as const) {
      expect(() => requireFileable({ ...REQUEST, trigger }, suspended)).not.toThrow();
    }
  });
});

describe('the queue of syncs', () => {
  it('goes on with what was begun, then serves who waits before the schedule, each in the order of asking', () => {
    const queue = [
      { id: 1, status: 'PENDING', trigger: 'schedule' },
      { id: 2, status: 'PENDING', trigger: 'hint' },
      { id: 3, status: 'IN_PROGRESS', trigger: 'schedule' },
      { id: 4, status: 'PENDING', trigger: 'command' },
      { id: 5, status: 'PENDING', trigger: 'schedule' },
    ] as const;
    expect([...queue].sort(compareClaims).map(({ id }) => id)).toEqual([3, 2, 4, 1, 5]);
  });

  it.each([
    ['PENDING', 'schedule', null, 9, true],
    ['PENDING', 'schedule', SUSPENDED, 9, false],
    ['PENDING', 'hint', SUSPENDED, 9, false],
    ['PENDING', 'command', SUSPENDED, 9, true],
    ['PENDING', 'schedule', SUSPENDED, null, true],
    ['IN_PROGRESS', 'schedule', SUSPENDED, 9, true],
    ['PROCESSED', 'command', null, null, false],
    ['CANCELLED', 'command', null, null, false],
  ] as const)(
    'runs a sync that is %s by %s, with trouble %j and a try at %j: %s',
    (status, trigger, trouble, retryAt, expected) => {
      expect(mayRun({ status, trigger }, { trouble, retryAt })).toBe(expected);
    },
  );

  it.each([
    [null, true],
    [99, true],
    [100, true],
    [101, false],
    [disbelievedAfter(100, 10), false],
    [disbelievedAfter(100, 10) + 1, true],
  ])('at 100 a lease of 10 that ends at %j is free: %s', (until, expected) => {
    expect(isLeaseFree(until, 100, 10)).toBe(expected);
  });

  it('forgets the oldest ended syncs that nobody asked for beyond a hundred, and the others beyond a thousand', () => {
    const all = (count: number, trigger: SyncTrigger) =>
      Array.from({ length: count }, (_, i): Sync => ({ ...SYNC, id: i + 1, trigger, endedAt: 1 }));
    expect(forgottenOf(all(102, 'schedule'), retentionAfter('hint'))).toEqual([2, 1]);
    expect(forgottenOf(all(102, 'hint'), retentionAfter('schedule'))).toEqual([2, 1]);
    expect(forgottenOf(all(1_001, 'request'), retentionAfter('command'))).toEqual([1]);
    expect(forgottenOf(all(1_001, 'request'), retentionAfter('schedule'))).toEqual([]);
    expect(forgottenOf([...all(100, 'hint'), SYNC], retentionAfter('hint'))).toEqual([]);
  });
});
