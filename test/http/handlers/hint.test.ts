import { describe, expect, it } from 'vitest';
import { bodyOf, createApiScene } from '../api-scene.js';

const CREATED = {
  event: { class: 'OCP\\Files\\Events\\Node\\NodeCreatedEvent', node: { id: 437, path: '/jm/files/lab/x.ova' } },
  user: { uid: 'jm', displayName: 'JM' },
  time: 1_700_100_000,
};

async function createHintScene() {
  const scene = createApiScene();
  await scene.addSpace('jm');
  const token = await scene.tokenFor('nextcloud', ['hint']);
  const post = (body: unknown) =>
    scene.ask(token, '/v2/hint', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { ...scene, post };
}

describe('POST /v2/hint', () => {
  it.each([
    ['an event of Nextcloud', CREATED, [{ below: 'home', user: 'jm', path: 'lab/x.ova' }], 1],
    ['one without a user', { ...CREATED, user: null }, [{ below: 'home', user: 'jm', path: 'lab/x.ova' }], 1],
    ['plain words', { user: 'jm', path: 'lab/x.ova' }, [{ below: 'space', user: 'jm', path: 'lab/x.ova' }], 1],
    [
      'an array of both',
      [CREATED, { user: 'jm', path: '' }],
      [
        { below: 'home', user: 'jm', path: 'lab/x.ova' },
        { below: 'space', user: 'jm', path: '' },
      ],
      2,
    ],
    ['an empty array', [], [], 0],
    ['an event of something else', { event: { class: 'OCP\\Calendar\\Events\\CalendarCreatedEvent' } }, [], 1],
    ['an unknown user', { user: 'nobody', path: 'x.ova' }, [{ below: 'space', user: 'nobody', path: 'x.ova' }], 1],
  ])('takes %s', async (_, body, expected, received) => {
    const { post, hints } = await createHintScene();
    const response = await post(body);
    expect(response.status).toBe(202);
    expect((await bodyOf(response)).data).toEqual({
      status: 202,
      message: 'what changed in known spaces will be listed',
      received,
    });
    expect(hints).toEqual(expected);
  });

  it.each([
    ['no JSON', 'x.ova'],
    ['nothing', ''],
    ['a text', '"x.ova"'],
    ['no path', { user: 'jm' }],
    ['a number for a path', { user: 'jm', path: 7 }],
    ['a member that is unknown', { user: 'jm', path: 'x.ova', mode: 'full' }],
    ['an event without a class', { event: { node: { path: '/jm/files/x.ova' } } }],
    ['101 hints', Array.from({ length: 101 }, () => ({ user: 'jm', path: 'x.ova' }))],
  ])('refuses %s', async (_, body) => {
    const { post, hints } = await createHintScene();
    const response = await post(body);
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).detail).toMatch(
      /must be (a JSON object|\{"user":"jm","path":"images\/x\.ova"\})|allowed are user and path/,
    );
    expect(hints).toEqual([]);
  });

  it('takes the longest event that a file system allows, and nothing longer than 64 KiB', async () => {
    const { post } = await createHintScene();
    const longest = '\\u00e9'.repeat(2_000);
    const path = `"/jm/files/${longest}"`;
    const renamed = `{"event":{"class":"NodeRenamedEvent","source":{"path":${path}},"target":{"path":${path}}}}`;
    expect((await post(renamed)).status).toBe(202);
    expect((await post(`"${'x'.repeat(65_536)}"`)).status).toBe(413);
  });

  it.each([
    ['no token at all', null, 401],
    ['a token of a user', [], 403],
    ['a token of an administrator', ['admin'], 403],
  ] as const)('refuses %s', async (_, scopes, status) => {
    const scene = await createHintScene();
    const body = '{"user":"jm","path":"x.ova"}';
    const response =
      scopes === null
        ? await scene.app.request('/v2/hint', { method: 'POST', body })
        : await scene.ask(await scene.tokenFor('jm', scopes), '/v2/hint', { method: 'POST', body });
    expect(response.status).toBe(status);
    expect(scene.hints).toEqual([]);
  });

  it('says what it takes, and leaves no trace in the audit log', async () => {
    const { app, post, audit } = await createHintScene();
    const response = await app.request('/v2/hint', { method: 'OPTIONS' });
    expect(response.status).toBe(200);
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    expect(await response.text()).toContain('"path"');
    await post({ user: 'jm', path: 'x.ova' });
    expect(audit).toEqual([]);
  });

  it('gives a token of the scope no other rights', async () => {
    const scene = await createHintScene();
    const token = await scene.tokenFor('nextcloud', ['hint']);
    expect((await scene.ask(token, '/v2/admin/space')).status).toBe(403);
    expect((await bodyOf(await scene.ask(token, '/v2/user'))).data).toMatchObject({ scopes: ['hint'], space: null });
  });
});
