import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIndexMaintenance } from '../../src/postgres/write/index-maintenance.js';
import { configure, listing, spaceOf, syncOnce } from '../contract/index-under-test.js';
import { makePgliteIndex } from './pglite-index.js';

const GOING_ON = new AbortController().signal;

describe('the upkeep of an index in PostgreSQL', () => {
  let index: Awaited<ReturnType<typeof makePgliteIndex>>;
  beforeEach(async () => {
    index = await makePgliteIndex();
    await configure(index, 'jm', 'lab');
  });
  afterEach(() => index.close());

  const ids = async () => (await index.syncs.list({ limit: 99_999 })).map(({ id }) => id).reverse();

  it('deletes syncs that ended before, and none that has not ended', async () => {
    const { id } = await spaceOf(index, 'jm');
    const request = { spaceId: id, mode: 'full', trigger: 'request', requestedBy: null, targets: [] } as const;
    const { db } = index;
    // What the server knows of the table is of when there were none: for each sync it would read all, if it were to join them.
    await index.syncs.request(request);
    await db.run('DELETE FROM syncs; ANALYZE syncs; ALTER SEQUENCE syncs_id_seq RESTART');
    await index.syncs.request(request);
    await db.run(
      `INSERT INTO syncs (task_id, space, mode, origin, targets, status, created_at, updated_at, ended_at)
       SELECT '', $1, 'full', 'schedule', '[]', 'PROCESSED', 1, 1, at FROM generate_series(1, 12000) AS at`,
      [id],
    );
    expect(await createIndexMaintenance(db).forgetSyncs(11_000, AbortSignal.abort())).toBe(0);
    expect(await createIndexMaintenance(db).forgetSyncs(11_000, GOING_ON)).toBe(10_999);
    expect(await ids()).toEqual([1, ...Array.from({ length: 1_001 }, (_, at) => 11_001 + at)]);
  });

  it('deletes the images that went missing before, and notes what is no longer known', async () => {
    await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova', 'c.ova']));
    index.clock.now = 5_000;
    await syncOnce(index, 'jm', listing('', ['b.ova', 'c.ova']));
    const { revision } = await spaceOf(index, 'jm');
    index.clock.now = 6_000;
    await syncOnce(index, 'jm', listing('', ['c.ova']));
    const maintenance = createIndexMaintenance(index.db);
    expect(await maintenance.forgetMissing(5_000, GOING_ON)).toBe(0);
    expect(await maintenance.forgetMissing(5_001, AbortSignal.abort())).toBe(0);
    expect(await maintenance.forgetMissing(5_001, GOING_ON)).toBe(1);
    expect(await index.db.rows('SELECT path FROM images ORDER BY path')).toEqual([
      { path: 'b.ova' },
      { path: 'c.ova' },
    ]);
    expect(await index.db.rows('SELECT forgotten_in FROM spaces ORDER BY user_name')).toEqual([
      { forgotten_in: revision },
      { forgotten_in: 0 },
    ]);
  });

  it('tidies the names once there are new ones, and tells the size of the database', async () => {
    const maintenance = createIndexMaintenance(index.db);
    await maintenance.tidy(GOING_ON);
    await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova']));
    expect(await maintenance.tidy(GOING_ON)).toBe(1);
    expect(await maintenance.tidy(GOING_ON)).toBe(0);
    const { storedBytes, unmergedBytes } = await maintenance.merge();
    expect(storedBytes).toBeGreaterThan(1_000_000);
    expect(unmergedBytes).toBe(0);
  });
});
