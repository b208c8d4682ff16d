import { describe, expect, it } from 'vitest';
import type { TokenScope } from '../../../src/domain/model/token.js';
import { bodyOf, createApiScene, NOW } from '../api-scene.js';

const DAY = 86_400_000;

async function createScene() {
  const scene = createApiScene();
  await scene.addSpace('jm');
  const issue = (name: string | null, scopes: readonly TokenScope[] = [], user = 'jm') =>
    scene.authority.issue({ user, scopes, expiresAt: NOW + DAY, name });
  const own = await issue('laptop');
  const ask = (path: string, init: RequestInit = {}, token = own.token) => scene.ask(token, path, init);
  const listed = async (query = '', token = own.token) =>
    (await bodyOf(await ask(`/v2/user/token${query}`, {}, token))).data.map(({ id }) => id);
  return { ...scene, issue, own, ask, listed };
}

const put = (body?: string): RequestInit => ({
  method: 'PUT',
  headers: { 'content-type': 'application/json' },
  ...(body === undefined ? {} : { body }),
});

describe('the own tokens', () => {
  it('are listed without their secrets, as each generation of clients reads them', async () => {
    const { ask, own, index } = await createScene();
    await index.tokens.noteUses([{ id: own.record.id, at: NOW - 60_000 }]);
    const response = await ask('/v2/user/token');
    const text = await response.text();
    expect(text).not.toContain(own.token);
    expect(text).not.toContain(own.record.hash);
    const standing = {
      created_on: '2026-11-24T12:00:00.000Z',
      updated_on: '2026-11-24T12:00:00.000Z',
      last_access: '2026-11-24T11:59:00.000Z',
      valid: true,
      active: true,
    };
    expect(JSON.parse(text)).toMatchObject({
      data: [
        {
          ...{ id: own.record.id, name: 'laptop', type: 'ACCESS', is_log_in: false, is_current: true, scopes: [] },
          ...{ state: 'valid', ...standing, status: standing },
          ...{ expires_on: '2026-11-25T12:00:00.000Z', expiration: '2026-11-25T12:00:00.000Z', duration: 86_400 },
        },
      ],
      meta: { count: 1, user: 'jm' },
    });
  });

  it('are filtered, sorted and paged as clients do', async () => {
    const { listed, issue, own, index } = await createScene();
    const other = await issue('nightly');
    await index.tokens.setDisabled('jm', other.record.id, NOW);
    const [first, second] = [own.record.id, other.record.id];
    expect(await listed()).toEqual([second, first]);
    expect(await listed('?sort=created_on,asc')).toEqual([first, second]);
    expect(await listed('?filter=active,eq,true')).toEqual([first]);
    expect(await listed('?filter=valid,eq,false&per_page=250')).toEqual([second]);
    expect(await listed('?page=2&per_page=1')).toEqual([first]);
    expect(await listed('?sort=&filter=')).toEqual([second, first]);
  });

  it('are nobody else\u2019s, not even an administrator\u2019s', async () => {
    const { ask, own, issue, listed } = await createScene();
    const theirs = await issue('theirs', ['admin'], 'lab');
    expect(await listed('', theirs.token)).toEqual([theirs.record.id]);
    for (const init of [{}, put(), { method: 'DELETE' }]) {
      const refused = await ask(`/v2/user/token/${own.record.id}`, init, theirs.token);
      expect([refused.status, (await bodyOf(refused)).detail]).toEqual([404, `there is no token "1" of yours`]);
    }
    expect((await ask('/v2/user')).status).toBe(200);
  });

  it.each([undefined, '', '{}', '{"valid":false}'])('are disabled by PUT with the body %j, at once', async (body) => {
    const { ask, issue } = await createScene();
    const lost = await issue('lost');
    const response = await ask(`/v2/user/token/${lost.record.id}`, put(body));
    expect([response.status, (await bodyOf(response)).data]).toMatchObject([200, { state: 'disabled', valid: false }]);
    expect((await ask('/v2/user', {}, lost.token)).status).toBe(401);
    expect((await ask('/v2/user')).status).toBe(200);
    expect((await ask(`/v2/user/token/${lost.record.id}`, put('{"valid":true}'))).status).toBe(200);
    expect((await ask('/v2/user', {}, lost.token)).status).toBe(200);
  });

  it('are enabled by no weaker token', async () => {
    const { ask, issue } = await createScene();
    const strong = await issue('root', ['admin']);
    expect((await ask(`/v2/user/token/${strong.record.id}`, put())).status).toBe(200);
    const refused = await ask(`/v2/user/token/${strong.record.id}`, put('{"valid":true}'));
    expect(refused.status).toBe(403);
    const equal = await issue('other', ['admin']);
    expect((await ask(`/v2/user/token/${strong.record.id}`, put('{"valid":true}'), equal.token)).status).toBe(200);
  });

  it('end for good by DELETE, the one that it comes with, too', async () => {
    const { ask, own, issue, listed } = await createScene();
    const lost = await issue('lost');
    const response = await ask(`/v2/user/token/${lost.record.id}`, { method: 'DELETE' });
    expect([response.status, (await bodyOf(response)).data]).toMatchObject([200, { id: lost.record.id, status: 200 }]);
    expect((await ask('/v2/user', {}, lost.token)).status).toBe(401);
    expect(await listed()).toEqual([own.record.id]);
    expect((await ask(`/v2/user/token/${lost.record.id}`)).status).toBe(404);
    expect((await ask(`/v2/user/token/${own.record.id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await ask('/v2/user')).status).toBe(401);
  });

  it.each(['0', '-1', '1.5', 'abc', '99999999999999999999', '%00'])('are unknown by the id %s', async (id) => {
    const { ask } = await createScene();
    for (const init of [{}, put(), { method: 'DELETE' }]) {
      expect((await ask(`/v2/user/token/${id}`, init)).status).toBe(404);
    }
  });

  it.each(['{"valid":"yes"}', '[]', 'nonsense'])('are not changed by the body %s', async (body) => {
    const { ask, own } = await createScene();
    expect((await ask(`/v2/user/token/${own.record.id}`, put(body))).status).toBe(400);
    expect((await ask('/v2/user')).status).toBe(200);
  });
});
