import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIndexMaintenance } from '../../../src/sqlite/file/index-maintenance.js';
import { begin, commit, configure, listing } from '../../contract/index-under-test.js';
import { makeSqliteIndex } from '../temporary-index.js';

const goOn = new AbortController().signal;

let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
beforeEach(async () => {
  index = await makeSqliteIndex();
  await configure(index, 'jm');
});
afterEach(() => index.close());

const walBytes = () => statSync(`${index.file}-wal`).size;
const countOf = (table: string) => index.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();

/** Ended syncs, one for each of these times, in the order of their ids. */
function addSyncs(from: number, to: number): void {
  index.db.exec(`
    WITH RECURSIVE n (i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})
    INSERT INTO syncs (task_id, space, mode, origin, targets, status, created_at, updated_at, ended_at)
      SELECT 't', 1, 'full', 'schedule', '[]', 'PROCESSED', i, i, i FROM n`);
}

describe('maintenance', () => {
  it('forgets the syncs that ended long ago, in as many steps as it takes, and no other', async () => {
    addSyncs(1, 12_000);
    index.db.exec(`INSERT INTO syncs (task_id, space, mode, origin, targets, status, created_at, updated_at)
      VALUES ('t', 1, 'full', 'request', '[]', 'PENDING', 1, 1)`);
    expect(await createIndexMaintenance(index.db).forgetSyncs(11_001, goOn)).toBe(11_000);
    expect(index.db.prepare('SELECT min(ended_at), count(*) FROM syncs').raw().get()).toEqual([11_001, 1_001]);
    expect(await createIndexMaintenance(index.db).forgetSyncs(11_001, goOn)).toBe(0);
  });

  it('ends at its next step when it is told to', async () => {
    addSyncs(1, 12_000);
    const ending = new AbortController();
    const forgetting = createIndexMaintenance(index.db).forgetSyncs(20_000, ending.signal);
    ending.abort();
    expect(await forgetting).toBe(5_000);
    expect(countOf('syncs')).toBe(7_000);
  });

  it('lets commits go between its steps', async () => {
    addSyncs(1, 12_000);
    const order: string[] = [];
    const forgetting = createIndexMaintenance(index.db)
      .forgetSyncs(20_000, goOn)
      .then(() => order.push('forgotten'));
    const { lease } = await begin(index, 'jm');
    await commit(index, lease, listing('', ['a.ova']));
    order.push('committed');
    await forgetting;
    expect(order).toEqual(['committed', 'forgotten']);
  });

  it('merges the pieces of the search index and finds as before', async () => {
    // As many pieces as commits made them.
    index.db.exec("INSERT INTO image_trigrams (image_trigrams, rank) VALUES ('automerge', 0)");
    const { lease } = await begin(index, 'jm');
    for (let n = 0; n < 6; n++) {
      const images = Array.from({ length: 2_100 }, (_, i) => `c${n}/name ${n} ${i} of a machine.ova`);
      await commit(index, lease, listing(`c${n}`, images));
    }
    const find = () =>
      index.db.prepare('SELECT rowid FROM image_trigrams WHERE image_trigrams MATCH ?').pluck().all('"e 5" AND "099"');
    const before = find();
    expect(before.length).toBeGreaterThan(0);
    const segments = () => new Set(index.db.prepare('SELECT segid FROM image_trigrams_idx').pluck().all()).size;
    const maintenance = createIndexMaintenance(index.db);
    const pieces = segments();
    expect(await maintenance.tidy(goOn)).toBeGreaterThan(0);
    expect(segments()).toBeLessThan(pieces);
    expect(find()).toEqual(before);
    expect(await maintenance.tidy(goOn)).toBe(0);
  });

  it('puts the write-ahead log into the file, unless another program is to', async () => {
    addSyncs(1, 1_000);
    const before = walBytes();
    expect(before).toBeGreaterThan(0);
    expect(await createIndexMaintenance(index.db, { replicated: true }).merge()).toMatchObject({
      unmergedBytes: before,
    });
    expect(await createIndexMaintenance(index.db).merge()).toMatchObject({ unmergedBytes: 0 });
    expect(walBytes()).toBe(0);
  });
});
