import { expect, it, onTestFinished } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { createFaultyScene, SOON } from '../../support/faulty-scene.js';

interface SyncJson {
  readonly id: number;
  readonly status: string;
  readonly mode: string;
}

it('lists what a client has put where a running sync has been already, though its request is answered by that one', async () => {
  const cleanup = createCleanup();
  onTestFinished(cleanup.run);
  const { dav, serve } = await createFaultyScene(cleanup, () => ({ crawl: {} }));
  dav.tree.put('passed/a.ova', { size: 1 });
  dav.tree.put('slow/b.ova', { size: 1 });
  let release: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  dav.fault('slow', { until });
  const { data, ask } = await serve();
  const listed = async () => (await data<{ readonly name: string }[]>('/v2/image')).map(({ name }) => name);
  const syncs = () => data<SyncJson[]>('/v2/request/image_sync');
  await expect.poll(listed, SOON).toEqual(['a.ova']);

  dav.tree.put('passed/new.ova', { size: 1 });
  const [first, ...others] = await syncs();
  expect(others).toEqual([]);
  for (let asked = 0; asked < 2; asked++) {
    const answer = await ask('/v2/user/image/vm', { method: 'PATCH' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toMatch(new RegExp(`/${first?.id}$`));
  }
  release();

  await expect.poll(listed, SOON).toEqual(['a.ova', 'b.ova', 'new.ova']);
  const ended = { status: 'PROCESSED' };
  await expect.poll(syncs, SOON).toMatchObject([
    { ...ended, mode: 'incremental' },
    { ...ended, id: first?.id },
  ]);
});
