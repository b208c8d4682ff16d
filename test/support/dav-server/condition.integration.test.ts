import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { askPlainly, propfindPlainly } from '../plain-http.js';
import { type DavServer, type DavServerOptions, startDavServer } from './dav-server.js';

async function startServer(options: DavServerOptions): Promise<DavServer> {
  const dav = await startDavServer(options);
  onTestFinished(() => dav.close());
  return dav;
}

const account = { username: 'jm', password: 'secret-1' };

test('Basic lets in whoever knows a password that is good now', async () => {
  const dav = await startServer({ auth: account });
  const headers = { Authorization: `Basic ${Buffer.from('jm:secret-1').toString('base64')}` };
  expect(await propfindPlainly(dav.url)).toMatchObject({ status: 401, headers: { 'www-authenticate': /Basic/ } });
  expect(await propfindPlainly(dav.url, { headers })).toMatchObject({ status: 207 });
  dav.setAccounts([{ ...account, password: 'secret-2' }]);
  expect(await propfindPlainly(dav.url, { headers })).toMatchObject({ status: 401 });
});

/** Answers the challenge of the last 401, as often as it is asked to. */
function digestClient(dav: DavServer) {
  let nonce = '';
  let challenges = 0;
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const ask = async (): Promise<string> => {
    const response = md5(`${md5('jm:fake:secret-1')}:${nonce}:00000001:c:auth:${md5('PROPFIND:/')}`);
    const Authorization = `Digest username="jm", realm="fake", nonce="${nonce}", uri="/", nc=00000001, cnonce="c", qop=auth, response="${response}"`;
    const answer = await propfindPlainly(dav.url, { headers: nonce === '' ? {} : { Authorization } });
    if (answer.status !== 401) return `${answer.status}`;
    challenges++;
    const challenge = `${answer.headers['www-authenticate']}`;
    nonce = /nonce="(.*?)"/.exec(challenge)?.[1] ?? '';
    return challenge.includes('stale=true') ? 'stale' : 'challenged';
  };
  return { ask, challenges: () => challenges };
}

test('Digest lets a nonce live for so many requests', async () => {
  const dav = await startServer({ auth: account, scheme: 'digest', nonceLife: { requests: 2 } });
  const { ask } = digestClient(dav);
  const answers: string[] = [];
  for (let i = 0; i < 7; i++) answers.push(await ask());
  expect(answers).toEqual(['challenged', '207', '207', 'stale', '207', '207', 'stale']);
});

test('Digest lets a nonce live for so long, or until it is told to expire', async () => {
  let now = 0;
  const dav = await startServer({ auth: account, scheme: 'digest', nonceLife: { ms: 1_000 }, now: () => now });
  const { ask } = digestClient(dav);
  const answers = [await ask(), await ask()];
  now += 999;
  answers.push(await ask());
  now += 1;
  answers.push(await ask(), await ask());
  dav.expireNonce();
  answers.push(await ask(), await ask());
  expect(answers).toEqual(['challenged', '207', '207', 'stale', '207', 'stale', '207']);
});

test('in maintenance a Nextcloud answers 503 to everything, and its status page says why', async () => {
  const dav = await startServer({ markers: 'nextcloud', basePath: '/cloud/remote.php/dav/files/jm/', auth: account });
  const statusUrl = `${new URL(dav.url).origin}/cloud/status.php`;
  const status = async () => JSON.parse((await askPlainly(statusUrl)).body.toString());
  expect(await status()).toMatchObject({
    installed: true,
    maintenance: false,
    needsDbUpgrade: false,
    productname: 'Nextcloud',
  });
  dav.setMaintenance(true);
  expect(await status()).toMatchObject({ maintenance: true, version: expect.stringMatching(/^\d+\.\d+/) });
  expect((await propfindPlainly(dav.url)).status).toBe(503);
  expect((await askPlainly(dav.url)).status).toBe(503);
  dav.setMaintenance(false);
  expect((await propfindPlainly(dav.url)).status).toBe(401);
});

test('other servers have no status page', async () => {
  const dav = await startServer({});
  expect((await askPlainly(`${dav.url}status.php`)).status).toBe(404);
});
