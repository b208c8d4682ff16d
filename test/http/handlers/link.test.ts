import { describe, expect, it } from 'vitest';
import type { Links, OwnLinkStanding } from '../../../src/domain/ports/links.js';
import { IDLE_LINKS } from '../../support/idle-links.js';
import { bodyOf, createApiScene, NOW, PUBLIC_URL } from '../api-scene.js';

const LINK = '/v2/user/space/link';
const NONE: OwnLinkStanding = { link: null, isReadable: true, pending: null, failure: null, isTaken: false };
const PENDING = { ...NONE, pending: { loginUrl: 'https://cloud.example.org/flow/1', expiresAt: NOW + 60_000 } };
const LINKED: OwnLinkStanding = {
  ...NONE,
  link: { server: 'https://cloud.example.org/', loginName: 'jm', via: 'browser', linkedAt: NOW },
};

async function scene(links: Partial<Links>) {
  const api = createApiScene({ links: { ...IDLE_LINKS, ...links } });
  const token = await api.tokenFor('jm');
  const call = async (method: string, body?: object) => {
    const headers = { Authorization: `Bearer ${token}` };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    return await api.app.request(LINK, init);
  };
  return { ...api, token, call, data: async (method: string) => (await bodyOf(await call(method))).data };
}

describe('a user who connects the own storage', () => {
  it('is sent to the browser', async () => {
    const asked: object[] = [];
    const startLink: Links['startLink'] = async (wanted) => {
      asked.push(wanted);
      return { standing: PENDING };
    };
    const { call, audit } = await scene({ startLink });
    const response = await call('POST');
    expect(response.status).toBe(202);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect((await bodyOf(response)).data).toEqual({
      state: 'pending',
      server: null,
      login_name: null,
      linked_by: null,
      linked_on: null,
      login_url: 'https://cloud.example.org/flow/1',
      expires_on: '2026-11-24T12:01:00.000Z',
      message: 'open login_url in a browser and agree there',
    });
    await call('POST', { server: 'https://cloud.example.org' });
    expect(asked).toEqual([
      { user: 'jm', server: null },
      { user: 'jm', server: 'https://cloud.example.org' },
    ]);
    expect(audit.map(({ act, by, outcome }) => [act, by, outcome])).toEqual([
      ['link begin', 'jm', 'done'],
      ['link begin', 'jm', 'done'],
    ]);
  });

  it.each([
    ['invalid', 400],
    ['taken', 409],
    ['too-many', 429],
    ['trouble', 503],
  ] as const)('is told why it is not possible: %s', async (failure, status) => {
    const { call } = await scene({ startLink: async () => ({ failure, detail: 'because' }) });
    const response = await call('POST');
    expect(response.status).toBe(status);
    expect((await bodyOf(response)).detail).toContain('because');
    expect(response.headers.has('retry-after')).toBe(status === 429 || status === 503);
  });

  it.each<[string, OwnLinkStanding, object]>([
    ['nothing', NONE, { state: 'unlinked', message: 'your storage is not connected; POST here to begin' }],
    [
      'a failure',
      { ...NONE, failure: '"lab" has logged in there' },
      {
        state: 'unlinked',
        message:
          'the last attempt failed: "lab" has logged in there; your storage is not connected; POST here to begin',
      },
    ],
    ['a link', LINKED, { state: 'linked', login_name: 'jm', linked_on: '2026-11-24T12:00:00.000Z' }],
    ['a lost key', { ...LINKED, isReadable: false }, { state: 'lost' }],
    [
      'a renewal',
      { ...LINKED, isReadable: false, pending: PENDING.pending },
      { state: 'lost', login_url: PENDING.pending.loginUrl, message: 'open login_url in a browser and agree there' },
    ],
    ['a configured space', { ...NONE, isTaken: true }, { state: 'configured' }],
  ])('sees how it stands: %s', async (_case, standing, expected) => {
    const { data } = await scene({ linkStanding: async () => standing });
    expect(await data('GET')).toMatchObject(expected);
  });

  it('hears from its own space that the storage refuses', async () => {
    const api = await scene({ linkStanding: async () => LINKED });
    await api.addSpace('jm');
    await api.sync('jm', ['a.ova'], { status: 'ERROR', errors: ['401'], isUnauthorized: true });
    expect(await api.data('GET')).toMatchObject({
      state: 'refused',
      message: 'your storage no longer takes the app password; POST here to renew it',
    });
  });

  it.each([
    [null, { state: 'unlinked', revoked: true, message: 'your storage is no longer connected' }],
    [
      'it answered 503',
      {
        state: 'unlinked',
        revoked: false,
        message:
          'your storage is no longer connected, but it could not be told so (it answered 503); remove "ovadex" from the devices in its security settings',
      },
    ],
  ])('disconnects it (%s)', async (unrevoked, expected) => {
    const { data, audit } = await scene({ endLink: async () => ({ unrevoked }) });
    expect(await data('DELETE')).toEqual(expected);
    expect(audit[0]).toMatchObject({ act: 'unlink', by: 'jm', details: { revoked: unrevoked === null } });
  });

  it('has nothing to disconnect', async () => {
    expect((await (await scene({})).call('DELETE')).status).toBe(404);
  });

  it('is told by the list, and led there by the own entry', async () => {
    const { ask, token } = await scene({});
    expect((await bodyOf(await ask(token, '/v2/image'))).meta.index.state).toBe('unlinked');
    const { data } = await bodyOf(await ask(token, '/v2/user'));
    expect(data).toMatchObject({ _links: { link: PUBLIC_URL + LINK } });
  });
});

describe('an API where nothing may be linked', () => {
  it('knows nothing of it', async () => {
    const api = createApiScene();
    const token = await api.tokenFor('jm');
    const document = (await (await api.app.request('/openapi.json')).json()) as { paths: object };
    expect(Object.keys(document.paths)).not.toContain(LINK);
    expect((await bodyOf(await api.ask(token, '/v2/image'))).meta.index.state).toBe('none');
  });
});
