import { describe, expect, it } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { bodyOf, createApiScene, PUBLIC_URL } from '../api-scene.js';

async function createAdminScene() {
  const scene = createApiScene();
  await scene.addSpace('jm');
  await scene.addSpace('a/b c');
  const token = await scene.tokenFor('root', ['admin']);
  const post = (path: string, body: unknown = {}) =>
    scene.ask(token, path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { ...scene, token, post, get: (path: string) => scene.ask(token, path) };
}

describe('POST /v2/admin/sync', () => {
  it('asks for a sync of one space', async () => {
    const { post, index } = await createAdminScene();
    const response = await post('/v2/admin/sync', { user: 'jm', mode: 'full' });
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(`${PUBLIC_URL}/v2/request/image_sync/1`);
    expect((await bodyOf(response)).data).toMatchObject({ status: 202, request: { id: 1, status: 'PENDING' } });
    expect(await index.syncs.find(1)).toMatchObject({ user: 'jm', mode: 'full', requestedBy: 'root' });
  });

  it('is incremental where nothing else is said', async () => {
    const { post, index } = await createAdminScene();
    await post('/v2/admin/sync', { user: 'jm' });
    expect(await index.syncs.find(1)).toMatchObject({ mode: 'incremental' });
  });

  it('asks for a sync of every space', async () => {
    const { post, index } = await createAdminScene();
    const response = await post('/v2/admin/sync', { all: true });
    expect(response.status).toBe(202);
    const { data, meta } = await bodyOf(response);
    expect(meta.count).toBe(2);
    expect(data.map(({ request }) => request)).toMatchObject([{ id: 1 }, { id: 2 }]);
    expect(response.headers.get('location')).toBe(`${PUBLIC_URL}/v2/request/image_sync/1`);
    const filed = await index.syncs.list({ limit: 10 });
    expect(new Set(filed.map(({ user }) => user))).toEqual(new Set(['jm', 'a/b c']));
  });

  it('leaves out a space that vanishes while all are asked for', async () => {
    const gone = new OvadexError('not-found', 'there is no space 1');
    const scene = createApiScene({
      crawler: {
        requestSync: () => Promise.reject(gone),
        acceptRemovals: async () => {},
        refuseRemovals: async () => {},
        resume: async () => {},
        cancel: async () => false,
        loggedIn: async () => {},
        hint: async () => {},
      },
    });
    await scene.addSpace('jm');
    const token = await scene.tokenFor('root', ['admin']);
    const response = await scene.ask(token, '/v2/admin/sync', { method: 'POST', body: '{"all":true}' });
    expect(response.status).toBe(202);
    expect(response.headers.has('location')).toBe(false);
    expect((await bodyOf(response)).data).toEqual([]);
  });

  it('answers 404 for a user who has no space', async () => {
    const { post } = await createAdminScene();
    const response = await post('/v2/admin/sync', { user: 'nobody' });
    expect(response.status).toBe(404);
    expect((await bodyOf(response)).detail).toContain('"nobody"');
  });

  it.each([
    [{}, 'user'],
    [{ user: 'jm', all: true }, 'user'],
    [{ user: 7 }, 'user'],
    [{ all: false }, 'all'],
    [{ user: 'jm', mode: 'quick' }, 'mode'],
    [{ user: 'jm', mod: 'full' }, 'mod'],
    [[], 'body'],
    ['null', 'body'],
  ])('refuses %j and names the field %s', async (body, field) => {
    const { post, index } = await createAdminScene();
    const response = await post('/v2/admin/sync', body);
    expect(response.status).toBe(400);
    const { errors, detail } = await bodyOf(response);
    expect(errors.map(({ parameter }) => parameter)).toContain(field);
    expect(detail).toContain(field);
    expect(await index.syncs.list({ limit: 1 })).toEqual([]);
  });

  it.each(['', '{', 'user=jm'])('refuses the body "%s", which is no JSON', async (body) => {
    const { post } = await createAdminScene();
    const response = await post('/v2/admin/sync', body);
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).detail).toContain('JSON');
  });

  it('refuses a body that is too large, whether its length is said or not', async () => {
    const { post, app, token } = await createAdminScene();
    const large = JSON.stringify({ user: 'x'.repeat(20_000) });
    expect((await post('/v2/admin/sync', large)).status).toBe(413);
    const response = await app.request('/v2/admin/sync', {
      method: 'POST',
      body: large,
      headers: { authorization: `Bearer ${token}`, 'content-length': `${large.length}` },
    });
    expect(response.status).toBe(413);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});

describe('GET /v2/admin/space', () => {
  it('shows the condition of each space', async () => {
    const { get, sync } = await createAdminScene();
    await sync('jm', ['a.ova']);
    const { data, meta } = await bodyOf(await get('/v2/admin/space'));
    expect(meta).toMatchObject({ count: 2, pages: { total: 2 } });
    expect(data.find(({ user }) => user === 'jm')).toEqual({
      user: 'jm',
      url: 'http://storage.example.org/jm/',
      state: 'fresh',
      images: 1,
      described_images: 0,
      waiting_images: 1,
      incomplete_images: 0,
      broken_images: 0,
      read_bytes: 0,
      collections: 1,
      revision: 1,
      last_success_on: '2026-11-24T12:00:00.000Z',
      last_sync_on: '2026-11-24T12:00:00.000Z',
      last_error: null,
      held_removals: null,
      removals_refused: false,
      next_sync_on: '2026-11-24T12:00:00.000Z',
      age_seconds: 0,
      expected_age_seconds: 0,
      changes_per_day: 1,
      look_interval_seconds: 0,
      look: 'walk',
      pruning: 'learning',
      mismatches: 0,
      search: 'none',
      search_misses: 0,
      search_trouble: null,
      is_linked: false,
    });
  });

  it.each([
    ['', ['a/b c', 'jm']],
    ['?sort=user,desc', ['jm', 'a/b c']],
    ['?sort=images,desc', ['jm', 'a/b c']],
    ['?filter=images,eq,0', ['a/b c']],
    ['?filter=user,like,J%25', ['jm']],
    ['?per_page=1&page=2', ['jm']],
  ])('filters, orders and pages the spaces: "%s"', async (query, expected) => {
    const { get, sync } = await createAdminScene();
    await sync('jm', ['a.ova']);
    const { data, meta } = await bodyOf(await get(`/v2/admin/space${query}`));
    expect(data.map(({ user }) => user)).toEqual(expected);
    expect(meta.pages['total']).toBe(query.includes('filter') ? 1 : 2);
  });

  it('refuses an order of spaces that there is none', async () => {
    const { get } = await createAdminScene();
    const response = await get('/v2/admin/space?sort=state');
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).errors).toMatchObject([{ parameter: 'sort' }]);
  });

  it('shows one space, whatever its user is called', async () => {
    const { get } = await createAdminScene();
    expect((await bodyOf(await get('/v2/admin/space/jm'))).data).toMatchObject({ user: 'jm', state: 'pending' });
    expect((await bodyOf(await get('/v2/admin/space/a%2Fb%20c'))).data).toMatchObject({ user: 'a/b c' });
    expect((await get('/v2/admin/space/nobody')).status).toBe(404);
  });
});

describe('POST /v2/admin/space/{user}', () => {
  it('/resume ends a suspension and shows the space', async () => {
    const { post, get, sync } = await createAdminScene();
    await sync('jm', [], { status: 'ERROR', errors: ['401 Unauthorized'], isUnauthorized: true });
    const before = await bodyOf(await get('/v2/admin/space/jm'));
    expect(before.data).toMatchObject({
      state: 'suspended',
      last_error: { kind: 'unauthorized', message: '401 Unauthorized' },
    });
    const response = await post('/v2/admin/space/jm/resume');
    expect(response.status).toBe(200);
    expect((await bodyOf(response)).data).toMatchObject({ user: 'jm', state: 'pending', last_error: null });
  });

  it('/accept lets a held removal through at the next sync', async () => {
    const { post, sync, index } = await createAdminScene();
    await sync('jm', ['a.ova'], { heldRemovals: 40 });
    const response = await post('/v2/admin/space/jm/accept', '');
    expect(response.status).toBe(200);
    expect((await bodyOf(response)).data).toMatchObject({ state: 'held', held_removals: 40 });
    const space = await index.catalogue.space('jm');
    await index.syncs.request({
      spaceId: space?.id ?? 0,
      mode: 'incremental',
      trigger: 'request',
      requestedBy: null,
      targets: [],
    });
    const claimed = await index.syncs.claim({ owner: 'test', leaseMs: 1_000 });
    expect(claimed?.isRemovalAccepted).toBe(true);
  });

  it('/keep refuses a held removal, and shows that', async () => {
    const { post, get, sync } = await createAdminScene();
    await sync('jm', ['a.ova'], { heldRemovals: 40 });
    const response = await post('/v2/admin/space/jm/keep');
    expect(response.status).toBe(200);
    expect((await bodyOf(response)).data).toMatchObject({ state: 'held', held_removals: 40, removals_refused: true });
    await post('/v2/admin/space/jm/accept');
    expect((await bodyOf(await get('/v2/admin/space/jm'))).data).toMatchObject({ removals_refused: false });
  });

  it.each(['accept', 'keep', 'resume'])('/%s answers 404 for a user who has no space', async (action) => {
    const { post } = await createAdminScene();
    expect((await post(`/v2/admin/space/nobody/${action}`)).status).toBe(404);
  });
});
