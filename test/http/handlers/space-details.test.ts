import { describe, expect, it } from 'vitest';
import { bodyOf, createApiScene, NOW } from '../api-scene.js';

async function createScene() {
  const scene = createApiScene();
  for (const user of ['jm', 'lab', 'new']) await scene.addSpace(user);
  const token = await scene.tokenFor('root', ['admin']);
  const get = async (path: string) => (await bodyOf(await scene.ask(token, path))).data;
  return { ...scene, get };
}

describe('a space on its own', () => {
  it('has its last sync with the folders that failed, and the one that runs with what it has done', async () => {
    const { get, sync, index } = await createScene();
    await sync('jm', ['x.ova'], { warnings: ['/lab: the storage answered 403'] });
    const space = await index.catalogue.space('jm');
    const request = { spaceId: space?.id ?? 0, trigger: 'request', requestedBy: 'kim' } as const;
    await index.syncs.request({ ...request, mode: 'incremental', targets: [] });
    const claimed = await index.syncs.claim({ owner: 'test', leaseMs: 60_000 });
    if (claimed === null) throw new Error('nothing to run');
    const counts = { ...claimed.sync.counts, collections: 20, images: 7 };
    await index.syncs.progress(claimed.lease, { counts, waiting: 4 }, 60_000);
    expect(await get('/v2/admin/space/jm')).toMatchObject({
      user: 'jm',
      evidence: { names: 'none', names_proofs: 0, subtree: 'none', search: 'none' },
      held_reasons: [],
      last_sync: {
        status: 'PROCESSED',
        trigger: 'schedule',
        message: { warnings: ['/lab: the storage answered 403'] },
      },
      running_sync: { status: 'IN_PROGRESS', requested_by: 'kim', collections: 20, waiting: 4, images: 7 },
    });
  });

  it('has the last sync of the whole space, not of some folders, nor one that was cancelled', async () => {
    const { get, sync, index } = await createScene();
    const whole = await sync('jm', ['x.ova']);
    const space = await index.catalogue.space('jm');
    const request = { spaceId: space?.id ?? 0, trigger: 'request', requestedBy: null, targets: [] } as const;
    const { id } = await index.syncs.request({ ...request, mode: 'full' });
    await index.syncs.cancel(id);
    expect(await get('/v2/admin/space/jm')).toMatchObject({ last_sync: { id: whole }, running_sync: null });
    expect(await get('/v2/admin/space/new')).toMatchObject({ last_sync: null, running_sync: null });
  });

  it('says why a removal is held', async () => {
    const { get, sync } = await createScene();
    await sync('jm', ['x.ova'], { heldRemovals: 3, heldReasons: ['the root is empty'] });
    expect(await get('/v2/admin/space/jm')).toMatchObject({ state: 'held', held_reasons: ['the root is empty'] });
  });
});

describe('spaces', () => {
  it('are filtered by their state as it is now', async () => {
    const { get, sync, time } = await createScene();
    await sync('jm', ['x.ova']);
    await sync('lab', ['y.ova'], { status: 'ERROR', errors: ['no answer'] });
    const users = async (filter: string) => (await get(`/v2/admin/space?filter=${filter}`)).map(({ user }) => user);
    expect(await users('state,eq,fresh')).toEqual(['jm']);
    expect(await users('state,in,failing,held,suspended')).toEqual(['lab']);
    expect(await users('state,eq,PENDING')).toEqual(['new']);
    time.now = NOW + 2.5 * 900_000 + 1;
    expect([await users('state,eq,fresh'), await users('state,eq,stale')]).toEqual([[], ['jm']]);
  });

  it('are known by six states and no others', async () => {
    const { ask, tokenFor } = await createScene();
    const response = await ask(await tokenFor('root', ['admin']), '/v2/admin/space?filter=state,eq,broken');
    expect([response.status, (await bodyOf(response)).detail]).toEqual([400, expect.stringContaining('suspended')]);
  });
});

describe('the syncs of all spaces', () => {
  it('say what asked for them, who, and how long they took', async () => {
    const { get, sync, index, time } = await createScene();
    const id = await sync('jm', ['x.ova']);
    const { id: spaceId = 0 } = (await index.catalogue.space('lab')) ?? {};
    await index.syncs.request({ spaceId, mode: 'full', trigger: 'request', requestedBy: 'kim', targets: [] });
    const listed = () => get('/v2/admin/request');
    expect(await listed()).toMatchObject([
      { username: 'lab', trigger: 'request', requested_by: 'kim', duration_seconds: null },
      { id, trigger: 'schedule', requested_by: null, duration_seconds: 0 },
    ]);
    await index.syncs.claim({ owner: 'test', leaseMs: 60_000 });
    time.now = NOW + 1_234;
    expect(await listed()).toMatchObject([{ duration_seconds: 1.2 }, { duration_seconds: 0 }]);
    expect(await get('/v2/admin/request?filter=username,eq,jm')).toHaveLength(1);
  });
});
