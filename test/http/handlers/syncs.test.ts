import { describe, expect, it } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { bodyOf, createApiScene, PUBLIC_URL } from '../api-scene.js';

describe('GET /v2/request/image_sync/{id}', () => {
  it('shows how a sync went', async () => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    const id = await scene.sync('jm', ['a.ova'], { warnings: ['b/ was left as it was'] });
    const response = await scene.ask(await scene.tokenFor('jm'), `/v2/request/image_sync/${id}`);
    expect(response.status).toBe(200);
    expect((await bodyOf(response)).data).toEqual({
      id,
      created_on: '2026-11-24T12:00:00.000Z',
      updated_on: '2026-11-24T12:00:00.000Z',
      status: 'PROCESSED',
      type: 'VM',
      mode: 'full',
      started_on: '2026-11-24T12:00:00.000Z',
      ended_on: '2026-11-24T12:00:00.000Z',
      added: 1,
      changed: 0,
      deleted: 2,
      images: 1,
      collections: 0,
      failures: 0,
      requests: 0,
      waiting: 0,
      expected_collections: null,
      collections_per_second: null,
      seconds_left: null,
      task_id: expect.stringMatching(/^[\da-f-]{36}$/),
      username: 'jm',
      user: { username: 'jm' },
      message: { errors: [], warnings: ['b/ was left as it was'] },
    });
  });

  it('shows it to administrators, and to nobody else', async () => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    const id = await scene.sync('jm', []);
    const statusFor = async (token: string) => (await scene.ask(token, `/v2/request/image_sync/${id}`)).status;
    expect(await statusFor(await scene.tokenFor('root', ['admin']))).toBe(200);
    expect(await statusFor(await scene.tokenFor('lab'))).toBe(404);
  });

  it.each(['7', 'abc', '0'])('answers 404 to %s, which nobody knows', async (id) => {
    const scene = createApiScene();
    expect((await scene.ask(await scene.tokenFor('jm'), `/v2/request/image_sync/${id}`)).status).toBe(404);
  });
});

describe('PATCH /v2/user/image/vm', () => {
  const patch = { method: 'PATCH' };

  it('asks for a sync of the own space and says where to follow it', async () => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    const token = await scene.tokenFor('jm');
    const response = await scene.ask(token, '/v2/user/image/vm', patch);
    expect(response.status).toBe(202);
    const { data } = await bodyOf(response);
    const url = `${PUBLIC_URL}/v2/request/image_sync/1`;
    expect(response.headers.get('location')).toBe(url);
    expect(data).toEqual({
      _links: { request: url },
      status: 202,
      message: expect.any(String),
      request: { id: 1, status: 'PENDING', task_id: expect.any(String) },
    });
    expect(await scene.index.syncs.find(1)).toMatchObject({ user: 'jm', requestedBy: 'jm', trigger: 'request' });
  });

  it('answers with the request that waits already', async () => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    const token = await scene.tokenFor('jm');
    const first = await bodyOf(await scene.ask(token, '/v2/user/image/vm', patch));
    const second = await bodyOf(await scene.ask(token, '/v2/user/image/vm', { ...patch, body: '{}' }));
    expect(second.data['request']).toEqual(first.data['request']);
  });

  it('answers 404 to a user without a space', async () => {
    const scene = createApiScene();
    expect((await scene.ask(await scene.tokenFor('jm'), '/v2/user/image/vm', patch)).status).toBe(404);
  });
});

describe('GET /v2/request/image_sync', () => {
  async function createLogScene() {
    const scene = createApiScene();
    for (const user of ['jm', 'lab']) await scene.addSpace(user);
    for (let n = 0; n < 3; n++) {
      await scene.sync('jm', [], n === 1 ? { status: 'ERROR', errors: ['no'] } : {});
      await scene.sync('lab', []);
    }
    const token = await scene.tokenFor('jm');
    await scene.ask(token, '/v2/user/image/vm', { method: 'PATCH' });
    const list = async (query = '') =>
      bodyOf(await scene.ask(token, query.startsWith('http') ? query : `/v2/request/image_sync${query}`));
    const ids = async (query = '') => (await list(query)).data.map(({ id }) => id);
    return { ...scene, token, list, ids };
  }

  it('lists the caller’s requests, the newest first, as each is shown by itself', async () => {
    const { ask, token, list, ids } = await createLogScene();
    expect(await ids()).toEqual([7, 5, 3, 1]);
    const { data, meta } = await list();
    expect(meta).toMatchObject({ count: 4, pages: { total: 4, page: 1, pages: 1, next_url: null } });
    expect(data[3]).toEqual((await bodyOf(await ask(token, '/v2/request/image_sync/1'))).data);
  });

  it.each([
    ['?sort=&filter=&expand=1', [7, 5, 3, 1]],
    ['?sort=id', [1, 3, 5, 7]],
    ['?sort=created_on,desc', [7, 5, 3, 1]],
    ['?filter=status,eq,Processed', [5, 1]],
    ['?filter=status,in,error|pending&sort=status', [3, 7]],
    ['?filter=username,eq,lab', []],
    ['?filter=created_on,lt,2026-11-24T12:00:00Z', []],
    ['?per_page=3&page=2', [1]],
  ])('filters, orders and pages: %s', async (query, expected) => {
    const { ids } = await createLogScene();
    expect(await ids(query)).toEqual(expected);
  });

  it('is followed by next_url', async () => {
    const { list, ids } = await createLogScene();
    const { meta } = await list('?per_page=3');
    expect(await ids(meta.pages['next_url'] as string)).toEqual([1]);
  });

  it.each([
    ['?filter=status,eq,DONE', 'filter', 'PENDING, IN_PROGRESS, PROCESSED, ERROR, CANCELLED'],
    ['?sort=name', 'sort', 'use one of id'],
    ['?page=x', 'page', 'integers from 1'],
  ])('refuses %s and says what is allowed', async (query, parameter, allowed) => {
    const { list } = await createLogScene();
    const { status, errors } = await list(query);
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ parameter }]);
    expect(errors[0]?.detail).toContain(allowed);
  });

  it('shows a request for another space to whoever asked for it', async () => {
    const { ask, tokenFor } = await createLogScene();
    const root = await tokenFor('root', ['admin']);
    await ask(root, '/v2/admin/sync', { method: 'POST', body: '{"user":"lab"}' });
    const { data } = await bodyOf(await ask(root, '/v2/request/image_sync'));
    expect(data).toMatchObject([{ id: 8, username: 'lab', status: 'PENDING' }]);
  });
});

describe('GET /v2/admin/request', () => {
  it('lists every request, for administrators', async () => {
    const scene = createApiScene();
    for (const user of ['jm', 'lab']) await scene.addSpace(user);
    await scene.sync('jm', []);
    await scene.sync('lab', []);
    const root = await scene.tokenFor('root', ['admin']);
    const { data } = await bodyOf(await scene.ask(root, '/v2/admin/request'));
    expect(data.map(({ id, username }) => [id, username])).toEqual([
      [2, 'lab'],
      [1, 'jm'],
    ]);
    const { data: one } = await bodyOf(await scene.ask(root, '/v2/admin/request?filter=username,eq,jm'));
    expect(one).toHaveLength(1);
    expect((await scene.ask(await scene.tokenFor('jm'), '/v2/admin/request')).status).toBe(403);
  });

  it.each([
    ['', 'per_page'],
    ['?per_page=5&sort=created_on', 'sort'],
  ])('says how to ask for very many: "%s"', async (query, parameter) => {
    const { syncs } = createApiScene().index;
    const page = () => Promise.reject(new OvadexError('usage', '20000 requests are not answered at once'));
    const scene = createApiScene({ syncs: { find: syncs.find, page } });
    const response = await scene.ask(await scene.tokenFor('root', ['admin']), `/v2/admin/request${query}`);
    expect(response.status).toBe(400);
    const { errors } = await bodyOf(response);
    expect(errors).toEqual([{ parameter, detail: `${parameter}: 20000 requests are not answered at once` }]);
  });
});

describe('DELETE /v2/admin/request/{id}', () => {
  const remove = { method: 'DELETE' };

  it('cancels what waits or runs, and shows it', async () => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    await scene.ask(await scene.tokenFor('jm'), '/v2/user/image/vm', { method: 'PATCH' });
    const root = await scene.tokenFor('root', ['admin']);
    const response = await scene.ask(root, '/v2/admin/request/1', remove);
    expect(response.status).toBe(200);
    expect((await bodyOf(response)).data).toMatchObject({ id: 1, status: 'CANCELLED', username: 'jm' });
    expect(await scene.index.syncs.find(1)).toMatchObject({ status: 'CANCELLED' });
  });

  it('answers 409 where it has ended, 404 where there is none, 403 to users', async () => {
    const scene = createApiScene();
    await scene.addSpace('jm');
    await scene.sync('jm', []);
    const root = await scene.tokenFor('root', ['admin']);
    const ended = await scene.ask(root, '/v2/admin/request/1', remove);
    expect(ended.status).toBe(409);
    expect((await bodyOf(ended)).detail).toContain('PROCESSED');
    for (const id of ['2', '0', 'x'])
      expect((await scene.ask(root, `/v2/admin/request/${id}`, remove)).status).toBe(404);
    expect((await scene.ask(await scene.tokenFor('jm'), '/v2/admin/request/1', remove)).status).toBe(403);
  });
});
