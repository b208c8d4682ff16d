import { describe, expect, it } from 'vitest';
import { bodyOf, createApiScene, PUBLIC_URL } from './api-scene.js';

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
