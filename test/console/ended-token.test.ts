import { expect, it } from 'vitest';
import { createAdminScene } from './admin/admin-scene.js';

it.each([
  ['GET', '/admin/search?name=a'],
  ['GET', '/why?q=a.ova'],
  ['GET', '/images.csv'],
  ['POST', '/admin/forget'],
  ['POST', '/space/tokens'],
  ['POST', '/images/look'],
])('whose token has ended signs in again: %s %s', async (method, path) => {
  const token: { isEnded: boolean } = { isEnded: false };
  const scene = createAdminScene({}, () =>
    token.isEnded ? Response.json({ status: 401, detail: 'the access token is revoked' }, { status: 401 }) : null,
  );
  const { get, post } = await scene.signIn('root', ['admin']);
  token.isEnded = true;
  const shown = await (method === 'GET' ? get(path) : post(path, { typed: 'jm', days: '9' }));
  expect([shown.status, shown.html]).toEqual([401, expect.stringContaining('Your session has ended.')]);
  token.isEnded = false;
  expect((await get('/images')).status).toBe(401);
});
