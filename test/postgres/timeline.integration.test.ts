import { afterAll, expect, it } from 'vitest';
import { beginRun, timelineOf } from '../../src/postgres/connection/timeline.js';
import { makePgliteIndex } from './pglite-index.js';

const { db, close } = await makePgliteIndex();
afterAll(close);

const keys = async () => (await db.rows<{ key: string }>('SELECT key FROM runs ORDER BY number')).map(({ key }) => key);

it('all hosts share one run, until the server has another history', async () => {
  await db.run('DELETE FROM runs');
  await beginRun(db);
  const [first] = await keys();
  expect(first).toMatch(/^[\da-f]{12}$/);
  await beginRun(db);
  expect(await keys()).toEqual([first]);
  await db.run("UPDATE timelines SET timeline = 'before the fail-over'");
  await beginRun(db);
  const [second, ...others] = await keys();
  expect(second).not.toBe(first);
  expect(others).toEqual([]);
  expect(await db.rows('SELECT timeline FROM timelines')).toEqual([{ timeline: await timelineOf(db) }]);
});

it('runs that came with a copy are gone on with', async () => {
  await db.run('DELETE FROM runs');
  await db.run('DELETE FROM timelines');
  await db.run("INSERT INTO runs (key, began_at) VALUES ('0123456789ab', 0)");
  await beginRun(db);
  await beginRun(db);
  expect(await keys()).toEqual(['0123456789ab']);
});

it('receivers of webhooks begin anew when the server has another history, whichever host has told them last', async () => {
  await db.run("INSERT INTO webhooks (name, target) VALUES ('deployer', 'a')");
  const epochs = async () => (await db.rows<{ epoch: number }>('SELECT epoch FROM webhooks')).map(({ epoch }) => epoch);
  await beginRun(db);
  expect(await epochs()).toEqual([0]);
  await db.run("UPDATE timelines SET timeline = 'before the restore'");
  await beginRun(db);
  await beginRun(db);
  expect(await epochs()).toEqual([1]);
});
