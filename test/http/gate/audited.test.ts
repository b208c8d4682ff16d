import { describe, expect, it } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { bodyOf, createApiScene } from '../api-scene.js';

async function adminScene(overrides: Parameters<typeof createApiScene>[0] = {}) {
  const scene = createApiScene(overrides);
  await scene.addSpace('jm');
  const token = await scene.tokenFor('root', ['admin']);
  const act = (method: string, path: string, body?: object) =>
    scene.ask(token, path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { ...scene, act };
}

describe('acts of administrators', () => {
  it('are taken down: who, what, from where, and what came of it', async () => {
    const { act, audit } = await adminScene();
    await act('POST', '/v2/admin/sync', { user: 'jm', mode: 'full' });
    await act('POST', '/v2/admin/sync', { all: true });
    await act('DELETE', '/v2/admin/request/1');
    await act('DELETE', '/v2/admin/request/99');
    await act('POST', '/v2/admin/space/jm/accept');
    await act('POST', '/v2/admin/space/jm/keep');
    await act('POST', '/v2/admin/space/jm/resume');
    await act('DELETE', '/v2/admin/space/kim');
    const told = audit.map(({ details: { request, ...details }, ...entry }) => ({ ...entry, details, request }));
    const entry = { by: 'root', from: 'unix', outcome: 'done', request: expect.any(String) as string };
    expect(told).toEqual([
      { ...entry, act: 'sync', details: { user: 'jm', mode: 'full' } },
      { ...entry, act: 'sync', details: { all: true, mode: 'incremental' } },
      { ...entry, act: 'cancel', details: { id: '1' } },
      { ...entry, act: 'cancel', details: { id: '99' }, outcome: 'refused: 404' },
      { ...entry, act: 'accept', details: { user: 'jm' } },
      { ...entry, act: 'keep', details: { user: 'jm' } },
      { ...entry, act: 'resume', details: { user: 'jm' } },
      { ...entry, act: 'forget', details: { user: 'kim' }, outcome: 'refused: 404' },
    ]);
  });

  it('are none where only something is read', async () => {
    const { act, audit } = await adminScene();
    await act('GET', '/v2/admin/space/jm');
    await act('GET', '/v2/admin/space/jm/held');
    expect(audit).toEqual([]);
  });

  it('are cut where they are long, so that what comes to nothing fills no file', async () => {
    const { act, audit } = await adminScene();
    await act('POST', '/v2/admin/sync', { user: 'x'.repeat(10_000) });
    await act('POST', `/v2/admin/space/${'y'.repeat(10_000)}/accept`);
    for (const { details } of audit) expect(JSON.stringify(details).length).toBeLessThan(300);
    expect(audit).toMatchObject([
      { details: { user: `${'x'.repeat(100)}… (10000 characters)` }, outcome: 'refused: 404' },
      { details: { user: `${'y'.repeat(100)}… (10000 characters)` }, outcome: 'refused: 404' },
    ]);
  });
});

describe('what is refused', () => {
  it('of the administration is taken down, with the user where one is known', async () => {
    const { audit, ask, app, tokenFor } = await adminScene();
    await ask(await tokenFor('jm'), '/v2/admin/space/jm', { method: 'DELETE' });
    await ask('nonsense', '/v2/admin/space');
    await app.request('/v2/admin/sync', { method: 'POST' });
    await app.request('/v2/image');
    const entry = { act: 'administration', from: 'unix' };
    expect(audit).toMatchObject([
      { ...entry, by: 'jm', details: { method: 'DELETE', path: '/v2/admin/space/jm' }, outcome: 'refused: 403' },
      { ...entry, by: 'unknown', details: { method: 'GET', path: '/v2/admin/space' }, outcome: 'refused: 401' },
      { ...entry, by: 'unknown', details: { method: 'POST', path: '/v2/admin/sync' }, outcome: 'refused: 401' },
    ]);
    expect(audit).toHaveLength(3);
  });

  it('of log-ins is taken down, without a name that nobody has: people type passwords there', async () => {
    const { audit, app } = await adminScene({ logIn: async () => 'refused' });
    const logIn = (user: string) => {
      const authorization = `Basic ${Buffer.from(`${user}:wrong`).toString('base64')}`;
      return app.request('/auth/request-token', { method: 'POST', headers: { authorization } });
    };
    for (let n = 0; n < 6; n++) await logIn('jm');
    await logIn('hunter2');
    expect(audit.map(({ act, by, outcome }) => [act, by, outcome])).toEqual([
      ...new Array(5).fill(['log-in', 'jm', 'refused: 401']),
      ['log-in', 'jm', 'refused: 429'],
      ['log-in', 'unknown', 'refused: 401'],
    ]);
    expect(JSON.stringify(audit)).not.toMatch(/hunter2|wrong/);
  });

  it('very often has ten lines in ten minutes, and one that says how many more there were', async () => {
    const { audit, app, act, time } = await adminScene();
    for (let n = 0; n < 100; n++) await app.request('/v2/admin/space');
    await act('POST', '/v2/admin/space/jm/accept');
    expect(audit).toHaveLength(11);
    expect(audit.at(-1)).toMatchObject({ act: 'accept', outcome: 'done' });
    time.now += 600_000;
    for (let n = 0; n < 2; n++) await app.request('/v2/admin/space');
    expect(audit.slice(11).map(({ details }) => details['others_before'])).toEqual([90, undefined]);
  });
});

describe('forgetting a user', () => {
  it('tells what was removed', async () => {
    const { act } = await adminScene({ forget: async () => ({ images: 2, collections: 1, syncs: 3, tokens: 1 }) });
    const response = await act('DELETE', '/v2/admin/space/kim');
    expect(response.status).toBe(200);
    expect((await bodyOf(response)).data).toEqual({ user: 'kim', images: 2, collections: 1, syncs: 3, tokens: 1 });
  });

  it('is refused while the space is configured', async () => {
    const conflict = new OvadexError('conflict', 'the space of "jm" is configured');
    const { act, audit } = await adminScene({ forget: () => Promise.reject(conflict) });
    const response = await act('DELETE', '/v2/admin/space/jm');
    expect(response.status).toBe(409);
    expect((await bodyOf(response)).detail).toBe('the space of "jm" is configured');
    expect(audit).toMatchObject([{ act: 'forget', outcome: 'refused: conflict' }]);
  });
});
