import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ImageQuery, parseSort } from '../../../src/domain/lists/image-list.js';
import type { Space } from '../../../src/domain/model/space.js';
import { createLandmarks } from '../../../src/sql/page-anchors.js';
import { createListReader } from '../../../src/sqlite/lists/list-reader.js';
import { createJumpPreparation, type JumpList } from '../../../src/sqlite/read/jump-preparation.js';
import { makeSqliteIndex } from '../temporary-index.js';

let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
beforeEach(async () => {
  index = await makeSqliteIndex();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await index.close();
});

/** A long list that changes with every revision, and what is prepared for jumps in it. */
function makeScene() {
  const space = { id: 1, user: 'jm', revision: 1, images: 1_000_000 };
  const byRevision = new Map<number, JumpList>();
  const listOf = ({ revision }: Space): JumpList => {
    const list = byRevision.get(revision) ?? { landmarks: createLandmarks(), isPrepared: false };
    byRevision.set(revision, list);
    return list;
  };
  const lists = { ...createListReader(index.db), approach: () => {} };
  const spaceNow = vi.fn(() => space as Space);
  const jump = createJumpPreparation(index.db, { lists, spaceNow, listOf, hasManyTombstones: () => false });
  const query: ImageQuery = { nameContains: [], sort: parseSort('name'), page: { number: 2, size: 10, cursor: null } };
  return {
    space,
    looks: () => spaceNow.mock.calls.length,
    jump: (rest: Partial<ImageQuery> = {}) => jump('jm', { ...query, ...rest }, space as Space),
    prepared: () => [...byRevision].filter(([, { isPrepared }]) => isPrepared).map(([revision]) => revision),
  };
}

async function passSeconds(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    vi.advanceTimersByTime(1_000);
    for (let turns = 0; turns < 80; turns++) await setImmediate();
  }
}

it('is done again a second after a change, for a minute after the last jump', async () => {
  const { space, jump, prepared } = makeScene();
  jump();
  await passSeconds(1);
  expect(prepared()).toEqual([1]);
  space.revision = 2;
  await passSeconds(1);
  expect(prepared()).toEqual([1, 2]);
  await passSeconds(50);
  space.revision = 3;
  await passSeconds(1);
  expect(prepared()).toEqual([1, 2, 3]);
  await passSeconds(10);
  space.revision = 4;
  await passSeconds(5);
  expect(prepared()).toEqual([1, 2, 3]);
});

it('looks for changes only as long as it has to, and at few lists', async () => {
  const { jump, looks } = makeScene();
  jump({ sort: parseSort('size') });
  jump({ page: { number: 1, size: 10, cursor: { side: 'after', keys: ['a', 'a', 'a'] } } });
  await passSeconds(2);
  expect(looks()).toBe(0);
  for (const sort of ['name', 'name,desc', 'path', 'path,desc']) jump({ sort: parseSort(sort) });
  await passSeconds(70);
  const before = looks();
  await passSeconds(5);
  expect(looks()).toBe(before);
});

it('is left alone once the index is closed', async () => {
  const { jump, looks } = makeScene();
  jump();
  await passSeconds(1);
  index.db.close();
  const before = looks();
  await passSeconds(3);
  expect(looks()).toBe(before);
});
