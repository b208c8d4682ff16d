import { describe, expect, it } from 'vitest';
import { failureOf, isWebAddress } from '../../../src/console/screens/link-section.js';
import type { Links, OwnLinkStanding } from '../../../src/domain/ports/links.js';
import type { Fetch } from '../../../src/http/reply/context.js';
import { bodyOf, createApiScene, NOW } from '../../http/api-scene.js';
import { createConsoleScene, textOf } from '../../support/console.js';
import { IDLE_LINKS } from '../../support/idle-links.js';

const NONE: OwnLinkStanding = { link: null, isReadable: true, pending: null, failure: null, isTaken: false };
const PENDING = { ...NONE, pending: { loginUrl: 'https://cloud.example.org/flow/1', expiresAt: NOW + 60_000 } };
const LINKED: OwnLinkStanding = {
  ...NONE,
  link: { server: 'https://cloud.example.org/', loginName: 'jm', via: 'browser', linkedAt: NOW - 60_000 },
};

/** `instead` answers in place of the API where it gives something. */
async function scene(links: Partial<Links> | null = null, instead: (request: Request) => Response | null = () => null) {
  const api = createApiScene(links === null ? {} : { links: { ...IDLE_LINKS, ...links } });
  await api.addSpace('jm');
  const ask: Fetch = (request, env) => instead(request) ?? api.app.fetch(request, env);
  const pages = createConsoleScene({ api: ask, clock: () => api.time.now });
  const token = await api.tokenFor('jm');
  return { api, token, pages, ...(await pages.signIn(token)) };
}

describe('the own space', () => {
  it.each([
    [{}, 'up to date'],
    [{ status: 'ERROR', errors: ['503 from the storage'] }, 'failing'],
    [{ status: 'ERROR', errors: ['401'], isUnauthorized: true }, 'Connect it again below'],
    [{ heldRemovals: 12, heldReasons: ['too many'] }, 'They stay listed'],
    [{ warnings: ['/lab: 403 Forbidden'] }, '/lab: 403 Forbidden'],
  ] as const)('says how it is after a sync that ended like %j', async (outcome, told) => {
    const { api, get } = await scene();
    await api.sync('jm', ['a.ova'], outcome);
    expect(textOf(await get('/space'))).toContain(told);
  });

  it('says where it is', async () => {
    const { get } = await scene();
    expect(textOf(await get('/space'))).toContain('http://storage.example.org/jm/');
  });

  it('is shown to whoever has none, with what to do', async () => {
    const { api, pages } = await scene();
    const { get } = await pages.signIn(await api.tokenFor('new'));
    expect(textOf(await get('/space'))).toContain('You have no space yet');
  });
});

describe('the connection of the own storage', () => {
  it.each([
    [NONE, 'Connect my storage'],
    [PENDING, 'Log in at your storage'],
    [LINKED, 'Disconnect …'],
    [{ ...LINKED, isReadable: false }, 'can no longer be read'],
    [{ ...NONE, failure: 'the log-in was refused' }, 'The last attempt failed: The log-in was refused.'],
  ])('is told in words and with what can be done: %#', async (standing, told) => {
    const { get } = await scene({ linkStanding: async () => standing });
    expect(textOf(await get('/space'))).toContain(told);
  });

  it('is no part of the page where users may connect nothing', async () => {
    const { get } = await scene();
    expect((await get('/space')).html).not.toContain('id="link"');
  });

  it('begins with a log-in at the storage, in another tab that knows nothing of this one', async () => {
    let standing = NONE;
    const { get, post } = await scene({
      startLink: async () => {
        standing = PENDING;
        return { standing };
      },
      linkStanding: async () => standing,
    });
    expect(await post('/space/link')).toMatchObject({ status: 303, location: '/space#link' });
    const { html } = await get('/space');
    expect(html).toContain('href="https://cloud.example.org/flow/1" target="_blank" rel="noopener noreferrer"');
    expect(html).toContain('data-live="link"');
  });

  it('asks for the address once there are several, and keeps what was typed', async () => {
    const { post } = await scene({
      linkStanding: async () => NONE,
      startLink: async ({ server }) => ({ failure: 'invalid', detail: `server: "${server}" can't be linked` }),
    });
    const page = await post('/space/link', { server: 'https://typo.example.org' });
    expect(page.status).toBe(400);
    expect(page.html).toContain('value="https://typo.example.org"');
    expect(textOf(page)).toContain("can't be linked");
  });

  it('ends after a question, and says whether the storage knows', async () => {
    let ended = 0;
    const { get, post } = await scene({
      linkStanding: async () => LINKED,
      endLink: async () => {
        ended++;
        return { unrevoked: 'it did not answer' };
      },
    });
    expect(textOf(await get('/space/disconnect'))).toContain('Your files stay as they are');
    expect(ended).toBe(0);
    expect((await post('/space/disconnect')).location).toBe('/space');
    expect(ended).toBe(1);
    expect(textOf(await get('/space'))).toContain('it did not answer');
  });

  it.each([
    ['the last attempt failed: "x" refused; your storage is connected', '"x" refused'],
    ['your storage is connected', null],
    ['the last attempt failed: a; b; open login_url in a browser and agree there', 'a; b'],
  ])('takes of %j what failed', (message, failure) => {
    expect(failureOf({ message })).toBe(failure);
  });

  it.each([
    ['https://cloud.example.org/x', true],
    ['javascript:alert(1)', false],
    ['data:text/html,x', false],
    ['', false],
  ])('leads to %j: %s', (url, isOne) => {
    expect(isWebAddress(url)).toBe(isOne);
  });
});

describe('the own tokens', () => {
  const tokensOf = async ({ api, token }: Awaited<ReturnType<typeof scene>>) =>
    (await bodyOf(await api.ask(token, '/v2/user/token'))).data as readonly Record<string, unknown>[];

  it('are disabled and enabled by a form, and ended after a question', async () => {
    const all = await scene();
    const { api, get, post } = all;
    await api.tokenFor('jm');
    const [other] = (await tokensOf(all)).filter((token) => token['is_current'] === false);
    const path = `/space/tokens/${other?.['id']}`;
    const stateOf = async () => (await tokensOf(all)).find(({ id }) => id === other?.['id'])?.['state'];
    await post(`${path}/disable`);
    expect(await stateOf()).toBe('disabled');
    expect(textOf(await get('/space'))).toContain('The token is disabled.');
    await post(`${path}/enable`);
    expect(await stateOf()).toBe('valid');
    expect(textOf(await get(`${path}/end`))).toContain('This cannot be undone');
    await post(`${path}/end`);
    expect(await stateOf()).not.toBe('valid');
  });

  it('of others are nobody’s business', async () => {
    const { api, get, post } = await scene();
    await api.tokenFor('kim');
    const kims = (await bodyOf(await api.ask(await api.tokenFor('kim'), '/v2/user/token'))).data;
    const path = `/space/tokens/${kims[0]?.['id']}`;
    expect((await get(`${path}/end`)).status).toBe(404);
    await post(`${path}/end`);
    expect(textOf(await get('/space'))).toContain('That did not work.');
  });

  it('end with the session whose own they are', async () => {
    const all = await scene();
    const [own] = await tokensOf(all);
    expect(textOf(await all.get(`/space/tokens/${own?.['id']}/end`))).toContain('you will be signed out');
    await all.post(`/space/tokens/${own?.['id']}/end`);
    expect((await all.get('/space')).status).toBe(401);
  });

  const created = (status: number, body: object) => (request: Request) =>
    request.method === 'POST' && new URL(request.url).pathname === '/v2/user/token'
      ? Response.json(body, { status })
      : null;

  it('are created and shown once', async () => {
    const asked: Promise<unknown>[] = [];
    const { get, post } = await scene(null, (request) => {
      const answer = created(201, { data: { token: 'ovx_secret', id: 7 }, meta: {} })(request);
      if (answer !== null) asked.push(request.json());
      return answer;
    });
    expect(await post('/space/tokens', { name: ' ci ', days: '30' })).toMatchObject({
      status: 303,
      location: '/space',
    });
    expect(await Promise.all(asked)).toEqual([{ name: 'ci', days: 30, scopes: [] }]);
    const { html, headers } = await get('/space');
    expect(html).toContain('<code data-copy="">ovx_secret</code>');
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await get('/space')).html).not.toContain('ovx_secret');
  });

  it('keep what was typed where the API refuses', async () => {
    const detail = 'a token that was pasted in makes no others';
    const { post } = await scene(null, created(403, { detail }));
    const page = await post('/space/tokens', { name: 'ci "x"', days: '30' });
    expect(page.status).toBe(403);
    expect(page.html).toContain('value="ci &quot;x&quot;"');
    expect(textOf(page)).toContain('A token that was pasted in makes no others.');
  });

  it.each(['', '0', '367', '-1', '1.5', 'x'])('last for whole days that the API takes, and not %j', async (days) => {
    const { post } = await scene(null, created(500, {}));
    const page = await post('/space/tokens', { days });
    expect(page.status).toBe(400);
    expect(textOf(page)).toContain('from 1 to 366');
  });
});
