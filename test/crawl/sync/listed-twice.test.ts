import { expect, it } from 'vitest';
import type { RunningSync } from '../../../src/crawl/sync/sync-space.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import { createSyncScene } from '../../support/sync-scene.js';

it('finds what went from a new folder between two listings in one sync, beside a removal that waits', async () => {
  const { storage, sync, shown } = await createSyncScene('a/x.ova', 'a/y.ova', 'z.ova');
  await sync();
  storage.remove('a/x.ova');
  storage.put('a/new/1.ova');
  storage.put('a/new/2.ova');
  let running: RunningSync | undefined;
  let visits = 0;
  storage.onList = (collection) => {
    if (collection !== 'a/new') return;
    visits += 1;
    if (visits === 1) running?.revisit(['a' as ResourcePath]);
    else storage.remove('a/new/1.ova');
  };
  await sync({
    onStart: (started) => {
      running = started;
    },
  });
  expect(visits).toBe(2);
  expect(await shown()).toEqual(['a/new/2.ova', 'a/y.ova', 'z.ova']);
});
