import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AbsenceMarks, markedAbsent, reconfirmedSince } from '../../../src/domain/policy/absence.js';
import { newRecord, type SpaceRecord } from '../../../src/domain/policy/space-record.js';
import { keepsReading } from '../../../src/domain/reconcile/compare-images.js';
import { toldStateOf } from '../../../src/domain/webhooks/told-state.js';
import { WEBHOOK_EVENTS } from '../../../src/domain/webhooks/webhook.js';
import { createSpaceRecords } from '../../../src/sqlite/write/space-record.js';
import { at, begin, commit, configure, image, listing, syncOnce } from '../../contract/index-under-test.js';
import { makeSqliteIndex } from '../temporary-index.js';

const NOW = 1_000_000;
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
      [null, 1, 1_000].flatMap((emptiedInSync) =>
        [false, true].map((isRefused) => [since, emptiedInSync, isRefused] as const),
      ),
    );
    it.each(RETURNS)(
      'and is not, below a collection that was missed since sync %i and is back, emptied in sync %j, refused: %j',
      async (since, emptiedInSync, isRefused) => {
        const { lease, before } = await prepare('incremental');
        const mark = 'UPDATE collections SET absent_in_sync = ?, empty_in_sync = ? WHERE path = ?';
        index.db.prepare(mark).run(since, emptiedInSync, 'd');
        index.db.prepare('UPDATE spaces SET is_removal_refused = ?').run(isRefused ? 1 : 0);
        await commit(index, lease, listing('', []), { absent: [], present: [at('d')] });
        const isSince = emptiedInSync !== null && emptiedInSync >= since;
        // Marks that stand alone are of no use, and stay.
        const marked = before.map((marks) =>
          marks.absentInSync === null
            ? marks
            : reconfirmedSince(marks, since, { emptiedInSync: isSince ? emptiedInSync : null, isRefused }),
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
