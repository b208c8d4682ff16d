import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AbsenceMarks, markedAbsent, reconfirmedSince } from '../../../src/domain/policy/absence.js';
import { dueMode, mayBeLookedAt, mayBePolled, nextSyncAt, scheduled } from '../../../src/domain/policy/space-plan.js';
import { newRecord, type SpaceRecord } from '../../../src/domain/policy/space-record.js';
import { compareClaims, disbelievedAfter, isLeaseFree, mayRun } from '../../../src/domain/policy/sync-claim.js';
import { keepsReading } from '../../../src/domain/reconcile/compare-images.js';
import { toldStateOf } from '../../../src/domain/webhooks/told-state.js';
import { WEBHOOK_EVENTS } from '../../../src/domain/webhooks/webhook.js';
import { createSpaceRecords } from '../../../src/sqlite/write/space-record.js';
import { at, begin, commit, configure, image, LEASE_MS, listing, syncOnce } from '../../contract/index-under-test.js';
import { makeSqliteIndex } from '../temporary-index.js';

const NOW = 1_000_000;
const TIMES = [null, NOW - 1, NOW, NOW + 1];
const TROUBLES = [null, 'failed', 'incomplete', 'unauthorized'] as const;
const troubleOf = (kind: (typeof TROUBLES)[number]) => (kind === null ? null : { kind, message: 'x', at: 1 });

/** Where the index decides in SQL, since it asks of all spaces or syncs at once, it decides as the domain does. */
describe('SQL decides as the domain does', () => {
  let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
  beforeEach(async () => {
    index = await makeSqliteIndex();
    index.clock.now = NOW;
  });
  afterEach(() => index.close());

  const userOf = (at: number) => `u${String(at).padStart(5, '0')}`;
  /** One space for each record; the ids are in their order. */
  const spacesOf = async (records: readonly SpaceRecord[]): Promise<readonly number[]> => {
    const settings = records.map((_, at) => ({ user: userOf(at), url: `http://dav.test/${at}/` }));
    const spaces = await index.spaces.configure(settings, 'rules', NOW);
    const { write } = createSpaceRecords(index.db);
    for (const [at, record] of records.entries()) write(spaces[at]?.id ?? 0, record);
    return spaces.map(({ id }) => id);
  };

  const recordsOf = (db: Database, ids: readonly number[]) => ids.map((id) => createSpaceRecords(db).read(id));

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
    expect(recordsOf(index.db, ids)).toEqual([record, newRecord(NOW)]);
    await index.spaces.configure([{ user: 'new', url: 'http://dav.test/' }], 'rules', 77);
    const { id } = (await index.catalogue.space('new')) ?? { id: 0 };
    expect(recordsOf(index.db, [id])).toEqual([newRecord(77)]);
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
      expect(recordsOf(index.db, ids)).toEqual(records.map((record) => scheduled(record, round, NOW)));
      const inOrder = records.flatMap((record, at) => (mayBeLookedAt(record) ? [userOf(at)] : []));
      expect((await index.spaces.looks(null)).map(({ user }) => user)).toEqual(inOrder);
    }
  });

  it('of which conditions of spaces webhooks are told', async () => {
    const hook = { name: 'deployer', users: null, events: WEBHOOK_EVENTS, target: 'a' };
    const records = TROUBLES.flatMap((kind) =>
      [null, 3].flatMap((heldRemovals) =>
        [null, NOW].map((lastSyncAt) => ({ ...newRecord(0), trouble: troubleOf(kind), heldRemovals, lastSyncAt })),
      ),
    );
    const ids = await spacesOf(records.map(() => newRecord(0)));
    await index.webhooks.follow([hook]);
    for (const [at, record] of records.entries()) createSpaceRecords(index.db).write(ids[at] ?? 0, record);
    const { spaces } = await index.catalogue.listSpaces();
    const news = spaces.filter((space) => toldStateOf(space) !== 'good');
    expect(new Set(news.map(toldStateOf))).toEqual(new Set(['failing', 'suspended', 'held']));
    expect((await index.webhooks.due(hook, NOW, 0)).spaces).toEqual(news.map(({ id }) => id));
  });

  it('which syncs may be claimed, and in which order', async () => {
    const far = disbelievedAfter(NOW, LEASE_MS);
    const cases = (['PENDING', 'IN_PROGRESS', 'PROCESSED', 'ERROR', 'CANCELLED'] as const).flatMap((status) =>
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
    const ids = await spacesOf(cases.map(({ record }) => record));
    const insert = index.db.prepare(
      `INSERT INTO syncs (task_id, space, mode, origin, targets, status, created_at, updated_at, ended_at)
       VALUES (?, ?, 'full', ?, '[]', ?, 0, 0, ?) RETURNING id`,
    );
    const lease = index.db.prepare('UPDATE spaces SET lease_owner = ?, lease_sync = ?, lease_until = ? WHERE id = ?');
    const syncs = index.db.transaction(() =>
      cases.map((each, at) => {
        const endedAt = each.status === 'PENDING' || each.status === 'IN_PROGRESS' ? null : 1;
        const row = insert.get(String(at), ids[at], each.trigger, each.status, endedAt) as { id: number };
        if (each.until !== null) lease.run('other', row.id, each.until, ids[at]);
        return { ...each, id: row.id };
      }),
    )();
    const expected = syncs
      .filter((each) => isLeaseFree(each.until, NOW, LEASE_MS) && mayRun(each, each.record))
      .sort(compareClaims)
      .map(({ id }) => id);
    const byId = async (syncId: number) => {
      const claimed = await index.syncs.claim({ owner: 'here', leaseMs: LEASE_MS, syncId });
      if (claimed !== null) await index.syncs.release(claimed.lease);
      return claimed !== null;
    };
    const started = index.db.prepare(`UPDATE syncs SET status = 'PENDING', started_at = NULL WHERE id = ?`);
    for (const each of syncs) {
      expect(await byId(each.id), JSON.stringify(each)).toBe(expected.includes(each.id));
      if (each.status === 'PENDING') started.run(each.id);
      if (each.until !== null) lease.run('other', each.id, each.until, ids[syncs.indexOf(each)]);
    }
    const claimed: number[] = [];
    for (;;) {
      const next = await index.syncs.claim({ owner: 'here', leaseMs: LEASE_MS });
      if (next === null) break;
      claimed.push(next.sync.id);
    }
    expect(claimed).toEqual(expected);
  });

  describe('what is marked as absent', () => {
    const SYNCS = [null, 1, 1_000];
    const MARKS = SYNCS.flatMap((absentInSync) => SYNCS.map((absentInFull) => ({ absentInSync, absentInFull })));
    const pathOf = (place: number) => `d/${place}.ova`;
    const marksIn = (db: Database) =>
      db
        .prepare<[], AbsenceMarks>(
          `SELECT absent_in_sync AS absentInSync, absent_in_full AS absentInFull, absent_since AS absentSince
           FROM images ORDER BY id`,
        )
        .all();

    /** A collection whose images have all of these marks, and a sync to go on with. */
    const prepare = async (mode: 'full' | 'incremental') => {
      await configure(index, 'jm');
      const paths = MARKS.map((_, place) => pathOf(place));
      await syncOnce(index, 'jm', listing('', [], ['d']), listing('d', paths));
      const mark = index.db.prepare(
        'UPDATE images SET absent_in_sync = ?, absent_in_full = ?, absent_since = 5 WHERE path = ?',
      );
      for (const [place, { absentInSync, absentInFull }] of MARKS.entries()) {
        mark.run(absentInSync, absentInFull, pathOf(place));
      }
      return { lease: (await begin(index, 'jm', { mode })).lease, before: marksIn(index.db), paths };
    };

    it.each(['full', 'incremental'] as const)(
      'in a sync that is %s, one by one and below a collection',
      async (mode) => {
        const { lease, before, paths } = await prepare(mode);
        const sync = { id: lease.syncId, isFull: mode === 'full' };
        const after = before.map((marks) => markedAbsent(marks, sync, NOW));
        await commit(index, lease, listing('', []), { absent: [], unproven: [at('d')] });
        expect(marksIn(index.db)).toEqual(after);
        // Once more, image by image: the first mark counts.
        await commit(index, lease, listing('d', []), { removals: 'hold' });
        expect([marksIn(index.db), paths.length]).toEqual([after, MARKS.length]);
      },
    );

    it.each(['full', 'incremental'] as const)('in a sync that is %s, image by image', async (mode) => {
      const { lease, before } = await prepare(mode);
      await commit(index, lease, listing('d', []), { removals: 'hold' });
      const sync = { id: lease.syncId, isFull: mode === 'full' };
      expect(marksIn(index.db)).toEqual(before.map((marks) => markedAbsent(marks, sync, NOW)));
    });

    const RETURNS = [1, 2, 1_000, 1_001].flatMap((since) =>
      [null, 1, 1_000].map((emptiedInSync) => [since, emptiedInSync] as const),
    );
    it.each(RETURNS)(
      'and is not, below a collection that was missed since sync %i and is back, emptied in sync %j',
      async (since, emptiedInSync) => {
        const { lease, before } = await prepare('incremental');
        const mark = 'UPDATE collections SET absent_in_sync = ?, empty_in_sync = ? WHERE path = ?';
        index.db.prepare(mark).run(since, emptiedInSync, 'd');
        await commit(index, lease, listing('', []), { absent: [], present: [at('d')] });
        const isSince = emptiedInSync !== null && emptiedInSync >= since;
        // Marks that stand alone are of no use, and stay.
        const marked = before.map((marks) =>
          marks.absentInSync === null ? marks : reconfirmedSince(marks, since, isSince ? emptiedInSync : null),
        );
        expect(marksIn(index.db)).toEqual(marked);
      },
    );
  });

  it('whether what was read of an image is kept when it returns', async () => {
    const contents = [null, 1, 2].flatMap((sizeBytes) =>
      [null, 1_000, 2_000].flatMap((modifiedAt) => [null, 'a', 'b'].map((etag) => ({ sizeBytes, modifiedAt, etag }))),
    );
    const pairs = contents.flatMap((before) => contents.map((now) => ({ before, now })));
    await configure(index, 'jm');
    const gone = index.db.prepare(
      `INSERT INTO images (space, path, name, name_key, size_bytes, modified_at, etag, created_at, updated_at, missing_since, state)
       VALUES (1, ?, ?, ?, ?, ?, ?, 1, 1, 1, 1)`,
    );
    const reading = index.db.prepare(`INSERT INTO descriptions VALUES (?, 1, 1, 1, 1, 1, '{}')`);
    const images = pairs.map(({ before, now }, at) => {
      const name = `${at}.ova`;
      const { sizeBytes, modifiedAt, etag } = before;
      reading.run(gone.run(name, name, name, sizeBytes, modifiedAt, etag).lastInsertRowid);
      return image(name, now);
    });
    await syncOnce(index, 'jm', listing('', images));
    const kept = index.db
      .prepare<[], number | null>('SELECT state FROM images WHERE missing_since IS NULL ORDER BY id')
      .pluck()
      .all();
    const expected = pairs.map(({ before, now }) => keepsReading(image('x.ova', before), image('x.ova', now)));
    expect(kept.map((state) => state !== null)).toEqual(expected);
    expect(new Set(expected)).toEqual(new Set([true, false]));
    const readings = index.db.prepare('SELECT count(*) FROM descriptions').pluck().get();
    expect(readings).toBe(expected.filter((isKept) => isKept).length);
  });
});
