import { describe, expect, it } from 'vitest';
import { OvadexError } from '../../src/domain/errors.js';
import { bodyOf, createApiScene } from './api-scene.js';

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

  it('are none where only something is read, or where somebody has no right', async () => {
    const { act, audit, ask, tokenFor } = await adminScene();
    await act('GET', '/v2/admin/space/jm');
    await act('GET', '/v2/admin/space/jm/held');
    await ask(await tokenFor('jm'), '/v2/admin/space/jm', { method: 'DELETE' });
    expect(audit).toEqual([]);
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
