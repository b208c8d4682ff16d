import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sync } from '../../src/domain/model/sync.js';
import { dueMode, mayBeLookedAt, mayBePolled, nextSyncAt, scheduled } from '../../src/domain/policy/space-plan.js';
import { newRecord, type SpaceRecord } from '../../src/domain/policy/space-record.js';
import { compareClaims, disbelievedAfter, isLeaseFree, mayRun } from '../../src/domain/policy/sync-claim.js';
import { someOf } from '../support/thorough.js';
import { type IndexUnderTest, LEASE_MS } from './index-under-test.js';

const NOW = 1_000_000;
const TIMES = [null, NOW - 1, NOW, NOW + 1];
const TROUBLES = [null, 'failed', 'incomplete', 'unauthorized'] as const;
const troubleOf = (kind: (typeof TROUBLES)[number]) => (kind === null ? null : { kind, message: 'x', at: 1 });

/** A sync as if it had been filed, run and ended. */
export type PutSync = Pick<Sync, 'spaceId' | 'trigger' | 'status' | 'endedAt'>;

/** What lies behind the ports of an index. */
export interface BehindPorts {
  write(records: ReadonlyMap<number, SpaceRecord>): Promise<void>;
  /** Returns the records of these spaces, in the order of the ids. */
  read(ids: readonly number[]): Promise<readonly (SpaceRecord | null)[]>;
  /** Puts syncs in, and returns their ids. */
  put(syncs: readonly PutSync[]): Promise<readonly number[]>;
  /** Gives the leases of spaces to somebody else, or takes them. */
  lease(
    leases: readonly { readonly spaceId: number; readonly syncId: number; readonly until: number | null }[],
  ): Promise<void>;
  /** Makes a sync one that waits. */
  unstart(syncId: number): Promise<void>;
}

type Index = IndexUnderTest & { readonly behind: BehindPorts };

/** Thousands of statements, one after another. */
const CLAIMS_WITHIN_MS = 120_000;

/** Where an index decides in SQL, since it asks of all spaces or syncs at once, it decides as the domain does. */
export function describeSpacePolicies(name: string, make: () => Promise<Index>): void {
  describe(`the policies of spaces in SQL: ${name}`, () => {
    let index: Index;
    beforeEach(async () => {
      index = await make();
      index.clock.now = NOW;
    });
    afterEach(() => index.close());

    const userOf = (at: number) => `u${String(at).padStart(5, '0')}`;
    /** One space for each record; the ids are in their order. */
    const spacesOf = async (records: readonly SpaceRecord[]): Promise<readonly number[]> => {
      const settings = records.map((_, at) => ({ user: userOf(at), url: `http://dav.test/${at}/` }));
      const spaces = await index.spaces.configure(settings, 'rules', NOW);
      await index.behind.write(new Map(records.map((record, at) => [spaces[at]?.id ?? 0, record])));
      return spaces.map(({ id }) => id);
    };

    it('writes and reads a record as it is', async () => {
      const record: SpaceRecord = {
        trouble: { kind: 'failed', message: 'down', at: 3 },
        isTroubleOfHint: true,
        refusals: 2,
        heldRemovals: 4,
        heldReasons: ['a', 'b'],
        isRemovalAccepted: true,
        isRemovalRefused: false,
        isRelocated: true,
        fingerprint: 'b7f1',
        isRestored: true,
        lastSyncAt: 5,
        lastSuccessAt: 6,
        leftOff: { mode: 'full', syncs: [1, 2] },
        evidence: { names: 'seen', subtree: 'refuted', mismatches: 7, namesProofs: 0, subtreeProofs: 1 },
        search: { search: 'seen', searchProofs: 2, searchMisses: 3, searchedMarker: 'etag:1', searchTrouble: 'gone' },
        unchangedRequests: 12,
        rate: { changes: 1.5, spanMs: 12.25 },
        lookCost: 3.5,
        dueAt: 8,
        fullDueAt: 9,
        pollDueAt: 10,
        retryAt: 11,
      };
      const ids = await spacesOf([record, newRecord(NOW)]);
      expect(await index.behind.read(ids)).toEqual([record, newRecord(NOW)]);
      await index.spaces.configure([{ user: 'new', url: 'http://dav.test/' }], 'rules', 77);
      const { id } = (await index.catalogue.space('new')) ?? { id: 0 };
      expect(await index.behind.read([id])).toEqual([newRecord(77)]);
    });

    it('which spaces are due, when, in which order and for what', async () => {
      const records = TROUBLES.flatMap((kind) =>
        TIMES.flatMap((dueAt) =>
          TIMES.flatMap((fullDueAt) =>
            [null, NOW - 2, NOW + 2].flatMap((pollDueAt) =>
              [null, NOW - 3, NOW + 3].map((retryAt) => ({
                ...newRecord(0),
                ...{ trouble: troubleOf(kind), dueAt, fullDueAt, pollDueAt, retryAt },
              })),
            ),
          ),
        ),
      );
      await spacesOf(records);
      const listed = (await index.catalogue.listSpaces()).spaces;
      expect(listed.map((space) => space.nextSyncAt)).toEqual(records.map(nextSyncAt));
      const due = records
        .map((record, at) => ({ user: userOf(at), dueAt: nextSyncAt(record), mode: dueMode(record, NOW), at }))
        .filter(({ dueAt }) => dueAt !== null && dueAt <= NOW)
        .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.at - b.at);
      const { filed } = await index.spaces.fileDue(NOW);
      expect(filed.map(({ user, mode }) => ({ user, mode }))).toEqual(due.map(({ user, mode }) => ({ user, mode })));
    });

    it('what a round plans', async () => {
      const evidence = (subtree: SpaceRecord['evidence']['subtree']) => ({ ...newRecord(0).evidence, subtree });
      const records = TROUBLES.flatMap((kind) =>
        (['none', 'seen', 'refuted'] as const).flatMap((subtree) =>
          [null, 3].flatMap((heldRemovals) =>
            [null, 20, 21].flatMap((unchangedRequests) =>
              TIMES.map((at) => ({
                ...newRecord(0),
                ...{ trouble: troubleOf(kind), evidence: evidence(subtree), heldRemovals, unchangedRequests },
                ...{ dueAt: at, fullDueAt: at, pollDueAt: at, lastSuccessAt: at },
              })),
            ),
          ),
        ),
      );
      expect(new Set(records.map(mayBePolled))).toEqual(new Set([true, false]));
      for (const round of ['full', 'incremental', 'poll', 'look'] as const) {
        const ids = await spacesOf(records);
        await index.spaces.schedule(round, new Map(records.map((_, at) => [userOf(at), NOW])));
        expect(await index.behind.read(ids)).toEqual(records.map((record) => scheduled(record, round, NOW)));
        const inOrder = records.flatMap((record, at) => (mayBeLookedAt(record) ? [userOf(at)] : []));
        expect((await index.spaces.looks(null)).map(({ user }) => user)).toEqual(inOrder);
      }
    });

    it(
      'which syncs may be claimed, and in which order',
      async () => {
        const far = disbelievedAfter(NOW, LEASE_MS);
        const all = (['PENDING', 'IN_PROGRESS', 'PROCESSED', 'ERROR', 'CANCELLED'] as const).flatMap((status) =>
          (['schedule', 'hint', 'request', 'command'] as const).flatMap((trigger) =>
            TROUBLES.flatMap((kind) =>
              [null, NOW + 5].flatMap((retryAt) =>
                [null, NOW, NOW + 1, far, far + 1].map((until) => ({
                  ...{ status, trigger, until },
                  record: { ...newRecord(0), trouble: troubleOf(kind), retryAt },
                })),
              ),
            ),
          ),
        );
        const cases = someOf(all, 240);
        const ids = await spacesOf(cases.map(({ record }) => record));
        const filed = await index.behind.put(
          cases.map(({ status, trigger }, at) => {
            const endedAt = status === 'PENDING' || status === 'IN_PROGRESS' ? null : 1;
            return { spaceId: ids[at] ?? 0, status, trigger, endedAt };
          }),
        );
        const syncs = cases.map((each, at) => ({ ...each, id: filed[at] ?? 0, spaceId: ids[at] ?? 0 }));
        const leaseAgain = (which: typeof syncs) =>
          index.behind.lease(which.map(({ spaceId, id: syncId, until }) => ({ spaceId, syncId, until })));
        await leaseAgain(syncs);
        const expected = syncs
          .filter((each) => isLeaseFree(each.until, NOW, LEASE_MS) && mayRun(each, each.record))
          .sort(compareClaims)
          .map(({ id }) => id);
        const byId = async (syncId: number) => {
          const claimed = await index.syncs.claim({ owner: 'here', leaseMs: LEASE_MS, syncId });
          if (claimed !== null) await index.syncs.release(claimed.lease);
          return claimed !== null;
        };
        for (const each of someOf(syncs, 40)) {
          expect(await byId(each.id), JSON.stringify(each)).toBe(expected.includes(each.id));
          if (each.status === 'PENDING') await index.behind.unstart(each.id);
          await leaseAgain([each]);
        }
        const claimed: number[] = [];
        for (;;) {
          const next = await index.syncs.claim({ owner: 'here', leaseMs: LEASE_MS });
          if (next === null) break;
          claimed.push(next.sync.id);
        }
        expect(claimed).toEqual(expected);
      },
      CLAIMS_WITHIN_MS,
    );
  });
}
