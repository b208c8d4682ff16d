import { expect, it } from 'vitest';
import { begin, configure, end, spaceOf } from '../../contract/index-under-test.js';
import { makeSqliteIndex } from '../temporary-index.js';

it('keeps the last hundred syncs that nobody asked for, and those that somebody did', async () => {
  const index = await makeSqliteIndex();
  await configure(index, 'jm', 'lab');
  const asked = [await begin(index, 'jm'), await begin(index, 'lab')];
  for (const { lease } of asked) await end(index, lease);
  const { id: spaceId } = await spaceOf(index, 'jm');
  const request = { spaceId, mode: 'incremental', trigger: 'schedule', requestedBy: null, targets: [] } as const;
  for (let i = 0; i < 105; i++) {
    await index.syncs.request(request);
    const claimed = await index.syncs.claim({ owner: 'worker', leaseMs: 1_000 });
    if (claimed !== null) await end(index, claimed.lease);
  }
  await index.syncs.request(request);
  const ids = (await index.syncs.list({ limit: 500 })).map(({ id }) => id);
  const first = asked.map(({ sync }) => sync.id);
  expect(ids).toHaveLength(1 + 100 + first.length);
  expect(ids).toEqual(expect.arrayContaining(first));
  expect(ids[0]).toBe(Math.max(...ids));
  await index.close();
});
