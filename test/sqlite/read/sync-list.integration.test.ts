import { expect, it } from 'vitest';
import { parseFilter } from '../../../src/domain/lists/parse-filter.js';
import { SYNC_LIST, type SyncQuery } from '../../../src/domain/lists/sync-list.js';
import { configure } from '../../contract/index-under-test.js';
import { makeSqliteIndex } from '../temporary-index.js';

it('answers very many syncs in pages by id, and refuses what would take long', async () => {
  const index = await makeSqliteIndex();
  await configure(index, 'jm', 'lab');
  // One in a thousand failed; every second one is of `lab`.
  const fill = (from: number, to: number) =>
    index.db
      .prepare<[number, number]>(
        `INSERT INTO syncs (task_id, space, mode, origin, targets, status, created_at, updated_at, ended_at)
         WITH RECURSIVE n (i) AS (SELECT CAST(? AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         SELECT 'task-' || i, 1 + i % 2, 'full', 'schedule', '[]', iif(i % 1000 = 0, 'ERROR', 'PROCESSED'), i, i, i FROM n`,
      )
      .run(from, to);
  const page = { number: 1, size: 2, cursor: null };
  const ask = (text: string, query: Partial<SyncQuery> = {}) =>
    index.syncs.page({
      visibleTo: null,
      sort: SYNC_LIST.byDefault,
      filter: parseFilter(text, SYNC_LIST.fields),
      ...query,
    });
  const refusal = (what: string) => ({
    code: 'usage',
    message: expect.stringMatching(new RegExp(`^${what}.*; allowed are per_page up to 500`)) as string,
  });

  fill(1, 10_000);
  expect((await ask('')).syncs).toHaveLength(10_000);
  fill(10_001, 100_000);
  await expect(ask('')).rejects.toMatchObject(refusal('100000 requests are too many for one answer'));
  expect((await ask('', { page })).syncs.map(({ id }) => id)).toEqual([100_000, 99_999]);
  expect((await ask('created_on,gt,1', { page })).place.total).toBe(99_000);
  expect((await ask('status,eq,ERROR')).syncs).toHaveLength(100);
  fill(100_001, 100_001);
  await expect(ask('created_on,gt,1', { page })).rejects.toMatchObject(
    refusal('100001 requests are answered only in pages by id'),
  );
  await expect(ask('', { page, sort: [{ field: 'mode', direction: 'asc' }] })).rejects.toMatchObject(refusal('100001'));
  expect((await ask('', { page })).place.total).toBe(100_001);
  expect((await ask('username,eq,jm;created_on,lt,0.003', { page })).syncs).toHaveLength(1);
  await index.close();
});
