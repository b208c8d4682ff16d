import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSharedDirectory, writeAwkwardTree } from '../../support/awkward-tree.js';
import { checkedFetch } from '../../support/checked-fetch.js';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { type CreatedToken, installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { apacheMissing, startApache } from '../../support/servers/apache.js';
import { connectApi } from '../scene/api.js';
import { difference, imagesOnDisk, NO_DIFFERENCE } from '../scene/disk-truth.js';

/** Names as directories of people have them; some begin like others, some need escaping in a URL. */
const USERS = ['jm', 'jm2', 'JM', 'j.m', 'ana maria', 'o+brien', 'größe', '100%', 'lab#1', 'x@example.org'];
const SERVICE = { username: 'svc-ovadex', password: 'only for "this" test: ü%' };

describeInstalled('ten users of one Apache and one service account', [apacheMissing], () => {
  const cleanup = createCleanup();
  const tokens = new Map<string, CreatedToken>();
  let directory: string;
  let ovadex: Ovadex;
  let baseUrl: string;

  beforeAll(async () => {
    directory = makeSharedDirectory();
    cleanup.add(() => rmSync(directory, { recursive: true }));
    for (const [n, user] of USERS.entries()) {
      mkdirSync(join(directory, user));
      writeAwkwardTree(join(directory, user), { collections: 8, files: 60, seed: 100 + n });
      writeFileSync(join(directory, user, 'same name everywhere.ova'), `of ${user}`);
      writeFileSync(join(directory, user, `only ${user}'s.ova`), `of ${user}`);
    }
    const apache = await startApache({ directory, auth: SERVICE });
    cleanup.add(apache.stop);
    ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    const passwordFile = ovadex.file('dav.password', `${SERVICE.password}\n`);
    ovadex.configure({
      storage: { url: `${apache.url}{user}/`, auth: { type: 'basic', username: SERVICE.username, passwordFile } },
      spaces: USERS.map((user) => ({ user })),
    });
    await ovadex.json('sync', '--all', '--full');
    for (const user of USERS) tokens.set(user, await ovadex.createToken(user));
    const daemon = await ovadex.serve();
    cleanup.add(daemon.stop);
    baseUrl = daemon.url;
  });

  afterAll(() => cleanup.run());

  const tokenOf = (user: string) => tokens.get(user)?.token ?? '';
  const askWith = (authorization: string | null, path = 'v2/image'): Promise<Response> =>
    checkedFetch(`${baseUrl}${path}`, { headers: authorization === null ? {} : { authorization } });
  const basic = (username: string, password: string) =>
    `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const challengeOf = async (response: Promise<Response>) => {
    const { status, headers } = await response;
    return { status, challenge: headers.get('www-authenticate') };
  };

  it.for(USERS)('shows %s exactly the images of that space', async (user) => {
    const expected = await imagesOnDisk(join(directory, user));
    expect(expected.filter((path) => path.startsWith('only '))).toEqual([`only ${user}'s.ova`]);
    const { data, meta } = await connectApi(baseUrl, tokenOf(user)).images();
    const paths = data.map(({ path }) => path);
    expect(difference(paths, expected)).toEqual(NO_DIFFERENCE);
    expect(meta.user).toBe(user);
  });

  it('takes the user from the token and from nothing else', async () => {
    const api = connectApi(baseUrl, tokenOf('jm'));
    const own = (await api.images()).data;
    for (const path of ['v2/image?user=JM', 'v2/image?username=jm2', 'v2/image?filter=&user=100%25']) {
      const response = await api.get(path);
      expect(response.status).toBe(200);
      expect(((await response.json()) as { data: unknown }).data).toEqual(own);
    }
  });

  it("answers somebody else's image as it answers an unknown one", async () => {
    const mine = (await connectApi(baseUrl, tokenOf('jm')).images()).data.map(({ id }) => id);
    const theirs = (await connectApi(baseUrl, tokenOf('JM')).images()).data.map(({ id }) => id);
    expect(mine.filter((id) => theirs.includes(id))).toEqual([]);
    const api = connectApi(baseUrl, tokenOf('jm'));
    expect((await api.get(`v2/image/${mine[0]}`)).status).toBe(200);
    expect((await api.get(`v2/image/${theirs[0]}`)).status).toBe(404);
    expect((await api.get('v2/image/999999999')).status).toBe(404);
  });

  it('takes a token as a user name with an empty password, too', async () => {
    const response = await askWith(basic(tokenOf('o+brien'), ''));
    expect(response.status).toBe(200);
    expect(((await response.json()) as { meta: { user: string } }).meta.user).toBe('o+brien');
  });

  it('keeps the administration from tokens without its scope', async () => {
    const { status, challenge } = await challengeOf(askWith(`Bearer ${tokenOf('jm')}`, 'v2/admin/space'));
    expect(status).toBe(403);
    expect(challenge).toMatch(/^Bearer realm="ovadex".*error="insufficient_scope"/);
  });

  it.for([
    ['no credentials', null],
    ['an unknown scheme', 'Digest username="jm"'],
  ] as const)('answers %s by 401 and a challenge without an error', async ([, authorization]) => {
    expect(await challengeOf(askWith(authorization))).toEqual({ status: 401, challenge: 'Bearer realm="ovadex"' });
  });

  it.for<[string, () => string]>([
    ['a wrong token', () => 'Bearer not-a-token-of-anybody'],
    [
      'a token with its last character changed',
      () => `Bearer ${tokenOf('jm').replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))}`,
    ],
    ['a wrong token as a user name', () => basic('not-a-token-of-anybody', '')],
    ["the storage's own account, whose password is no token", () => basic(SERVICE.username, SERVICE.password)],
  ])('answers %s by 401 invalid_token', async ([, authorization]) => {
    await expectInvalid(authorization());
  });

  it('refuses a token from the moment it is revoked', async () => {
    const { id, token } = await ovadex.createToken('jm');
    expect((await askWith(`Bearer ${token}`)).status).toBe(200);
    expect((await ovadex.run('token', 'revoke', `${id}`)).code).toBe(0);
    await expectInvalid(`Bearer ${token}`);
    expect((await askWith(`Bearer ${tokenOf('jm')}`)).status).toBe(200);
  });

  it('refuses a token that has expired', async () => {
    const { token } = await ovadex.createToken('jm', ['--expires', '3s']);
    expect((await askWith(`Bearer ${token}`)).status).toBe(200);
    await expect.poll(async () => (await askWith(`Bearer ${token}`)).status, { timeout: 10_000 }).toBe(401);
    await expectInvalid(`Bearer ${token}`);
  });

  async function expectInvalid(authorization: string): Promise<void> {
    const { status, challenge } = await challengeOf(askWith(authorization));
    expect(status).toBe(401);
    expect(challenge).toMatch(/^Bearer realm="ovadex".*error="invalid_token"/);
  }
});
