import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { parseImageFilter, parseSort } from '../../../src/domain/lists/image-list.js';
import type { Image } from '../../../src/domain/model/image.js';
import type { ImageSnapshot, ImageSnapshots } from '../../../src/domain/ports/image-catalogue.js';
import { createImageSnapshots } from '../../../src/postgres/read/image-snapshots.js';
import { ALL, configure, listing, syncOnce } from '../../contract/index-under-test.js';
import { type ServerIndexes, startIndexes } from '../../postgres/server-index.js';
import { describeInstalled } from '../../support/process/installed.js';
import { postgresMissing } from '../../support/servers/postgres.js';

const NAMES = Array.from({ length: 25 }, (_, i) => `${String.fromCharCode(97 + ((i * 7) % 25))}.ova`);

describeInstalled('long lists out of a genuine PostgreSQL', [postgresMissing], () => {
  let indexes: ServerIndexes;
  let index: Awaited<ReturnType<ServerIndexes['make']>>;
  beforeAll(async () => {
    indexes = await startIndexes();
  });
  afterAll(() => indexes.stop());
  beforeEach(async () => {
    index = await indexes.make();
    await configure(index, 'jm');
    await syncOnce(index, 'jm', listing('', NAMES));
    return () => index.close();
  });

  const opened = async (snapshots: ImageSnapshots, query = ALL): Promise<ImageSnapshot> => {
    const snapshot = await snapshots.open('jm', query);
    if (snapshot === null) throw new Error('the space is gone');
    return snapshot;
  };
  const readAll = async (snapshot: ImageSnapshot, atOnce: number): Promise<readonly Image[]> => {
    const images: Image[] = [];
    for (let more = await snapshot.next(atOnce); more.length > 0; more = await snapshot.next(atOnce)) {
      expect(more.length).toBeLessThanOrEqual(atOnce);
      images.push(...more);
    }
    return images;
  };
  /** Sessions of the server that are in the middle of a transaction. */
  const held = async () => {
    const [row] = await index.db.rows<{ held: number }>(
      `SELECT count(*) AS held FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()`,
    );
    return row?.held;
  };

  it('gives the list in pieces, in any order and filtered, as it is given at once', async () => {
    const snapshots = createImageSnapshots(index.db);
    const sort = parseSort('size;name,desc');
    const filter = parseImageFilter('name,gt,c');
    for (const query of [ALL, { ...ALL, sort }, { ...ALL, sort, filter, withShort: true }]) {
      const snapshot = await opened(snapshots, query);
      expect(await readAll(snapshot, 10)).toEqual((await index.catalogue.images('jm', query))?.images);
      expect(snapshot.space).toEqual(await index.catalogue.space('jm'));
      snapshot.close();
    }
    expect(await snapshots.open('nobody', ALL)).toBeNull();
    await expect.poll(held).toBe(0);
  });

  it('keeps a list as it was while others write', async () => {
    const before = (await index.catalogue.images('jm', ALL))?.images;
    const snapshot = await opened(createImageSnapshots(index.db));
    const first = await snapshot.next(5);
    await syncOnce(index, 'jm', listing('', [...NAMES.slice(0, 20), 'aa.ova']));
    expect([...first, ...(await readAll(snapshot, 5))]).toEqual(before);
    snapshot.close();
  });

  it('reads so many at once and no more, until one is closed, however it ended', async () => {
    const snapshots = createImageSnapshots(index.db, { maxOpen: 2, maxAgeMs: 60_000 });
    const first = await opened(snapshots);
    const second = await opened(snapshots);
    await expect(snapshots.open('jm', ALL)).rejects.toMatchObject({ code: 'unavailable' });
    first.close();
    first.close();
    expect(await snapshots.open('nobody', ALL)).toBeNull();
    const third = await opened(snapshots);
    await expect(snapshots.open('jm', ALL)).rejects.toMatchObject({ code: 'unavailable' });
    third.close();
    second.close();
    await expect.poll(held).toBe(0);
  });

  it('ends a list that gets too old, and says so to whoever goes on', async () => {
    const snapshots = createImageSnapshots(index.db, { maxOpen: 1, maxAgeMs: 300 });
    const snapshot = await opened(snapshots);
    expect(await snapshot.next(1)).toHaveLength(1);
    expect(await held()).toBe(1);
    await expect.poll(held).toBe(0);
    await expect(snapshot.next(1)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the list was not read within 0.3 s',
    });
    const next = await opened(snapshots);
    snapshot.close();
    expect(await next.next(1)).toHaveLength(1);
    next.close();
  });
});
