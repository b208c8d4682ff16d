import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Database, Session } from '../../../src/postgres/connection/database.js';
import {
  ALL,
  at,
  begin,
  commit,
  configure,
  image,
  listing,
  spaceOf,
  syncOnce,
} from '../../contract/index-under-test.js';
import { type ServerIndexes, startIndexes } from '../../postgres/server-index.js';
import { countedWrong } from '../../support/counted-wrong.js';
import { describeInstalled } from '../../support/process/installed.js';
import { described } from '../../support/readings.js';
import { postgresMissing } from '../../support/servers/postgres.js';

const COST = { requests: 1, bytes: 100 };
const folders = Array.from({ length: 8 }, (_, n) => `d${n}`);

describeInstalled('crawlers on several hosts', [postgresMissing], () => {
  let indexes: ServerIndexes;
  let index: Awaited<ReturnType<ServerIndexes['make']>>;
  beforeAll(async () => {
    indexes = await startIndexes();
  });
  afterAll(() => indexes.stop());
  beforeEach(async () => {
    index = await indexes.make();
    await configure(index, 'jm', 'lab');
  });
  afterEach(() => index.close());

  it.each([
    ['another has taken the lease', `UPDATE spaces SET lease_owner = 'other' WHERE user_name = 'jm'`],
    ['the sync was cancelled', `UPDATE syncs SET status = 'CANCELLED', ended_at = 1`],
  ])('writes nothing once %s, though it held the lease when it asked', async (_case, change) => {
    const { lease } = await begin(index, 'jm');
    const other = await holdTransaction(index.db, async (session) => {
      await session.run(`SELECT FROM spaces WHERE user_name = 'jm' FOR UPDATE`);
      await session.run(change);
    });
    const written = commit(index, lease, listing('', ['x.ova'], ['d'])).then(
      () => 'written',
      (error: { code?: string }) => error.code,
    );
    await untilWaiting(index.db);
    await other.commit();
    expect(await written).toBe('conflict');
    expect(await spaceOf(index, 'jm')).toMatchObject({ images: 0, collections: 0, revision: 0 });
  });

  it('writes what two of them commit one after the other', async () => {
    const { lease } = await begin(index, 'jm');
    const looks = folders.map((folder) => listing(`a/b/${folder}`, [`a/b/${folder}/x.ova`, `a/b/${folder}/y.ova`]));
    await Promise.all([...looks, ...looks].map((seen) => commit(index, lease, seen)));
    // Each listing is committed twice, and what was there by then is not written again.
    expect(await spaceOf(index, 'jm')).toMatchObject({ images: 16, collections: 11 });
    expect(await countedWrong(index.db.rows)).toEqual([]);
    expect((await spaceOf(index, 'jm')).revision).toBe(8);
  });

  it('stores nothing of an image that another alters meanwhile', async () => {
    await syncOnce(index, 'jm', listing('', ['x.ova']));
    const { id } = await spaceOf(index, 'jm');
    const [waiting] = await index.descriptions.toRead(id, 1);
    if (waiting === undefined) throw new Error('no image waits');
    const other = await holdTransaction(index.db, async (session) => {
      await session.run(`SELECT FROM spaces WHERE user_name = 'jm' FOR UPDATE`);
      await session.run('UPDATE images SET size_bytes = 7');
    });
    const stored = index.descriptions.store(id, waiting, described(), COST);
    await untilWaiting(index.db);
    await other.commit();
    expect(await stored).toBe(false);
    expect(await index.db.rows('SELECT FROM descriptions')).toEqual([]);
  });

  it('counts images rightly that are read, altered and removed at the same time', async () => {
    const names = Array.from({ length: 30 }, (_, n) => `${n}.ova`);
    await syncOnce(index, 'jm', listing('', names));
    const { id } = await spaceOf(index, 'jm');
    const waiting = await index.descriptions.toRead(id, 100);
    const { lease } = await begin(index, 'jm');
    const looks = names.map((_, n) =>
      listing(
        '',
        names.slice(n).map((name, m) => image(name, { sizeBytes: m % 3 === 0 ? 100 + n : 100 })),
      ),
    );
    await Promise.all([
      ...waiting.map((each) => index.descriptions.store(id, each, described(), COST)),
      (async () => {
        for (const seen of looks) await commit(index, lease, seen);
      })(),
    ]);
    expect(await countedWrong(index.db.rows)).toEqual([]);
    const left = await index.catalogue.images('jm', ALL);
    expect(left?.images.map(({ path }) => path)).toEqual([at('29.ova')]);
  });
});

/** Begins a transaction and does this in it; it ends when it is told to. */
async function holdTransaction(db: Database, work: (session: Session) => Promise<void>) {
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let done: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    done = db.write(async (session) => {
      await work(session);
      resolve();
      await finished;
    });
    done.catch(reject);
  });
  return {
    commit: () => {
      finish();
      return done;
    },
  };
}

/** Waits until some statement waits for another's lock. */
async function untilWaiting(db: Database): Promise<void> {
  for (;;) {
    const waiting = await db.row(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`);
    if (waiting !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
