import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { statusPath } from '../../../src/webdav/nextcloud/status.js';
import { startScriptedServer } from '../../support/servers/scripted-server.js';
import { createTestWebdav, NEVER } from '../open-store.js';

const recorded = (name: string) => readFileSync(new URL(`../../fixtures/nextcloud/${name}`, import.meta.url));
const AUTH = { type: 'basic', username: 'jm', password: 'secret' } as const;

test.for<[string, string]>([
  ['https://h/remote.php/dav/files/jm/', '/status.php'],
  ['https://h/cloud/remote.php/webdav/', '/cloud/status.php'],
  ['https://h/cloud/remote.php/dav/files/jm/remote.php/', '/cloud/status.php'],
  ['https://h/dav/files/jm/', '/status.php'],
  ['https://h/', '/status.php'],
])('the status of the server of %s is at %s', ([url, path]) => {
  expect(statusPath(url)).toBe(path);
});

test.for([
  ['a server that is in maintenance mode', 200, recorded('maintenance-status.json'), true],
  ['a server that is not', 200, recorded('status.json'), false],
  ['a page in HTML', 200, '<html></html>', null],
  ['another document', 200, '{"maintenance":"yes"}', null],
  ['no document', 200, 'null', null],
  ['a page that is too long', 200, JSON.stringify({ more: 'x'.repeat(5_000), maintenance: true }), null],
  ['nothing there', 404, recorded('status.json'), null],
  ['no answer for now', 503, recorded('maintenance-status.json'), null],
  ['a way to another page', 302, '', null],
] as const)('%s is understood', async ([, status, body, isInMaintenance]) => {
  const { url, requests } = await startScriptedServer(() => ({
    status,
    headers: { 'Content-Type': 'application/json', 'Set-Cookie': 'session=1; path=/', Location: '/elsewhere' },
    body: Buffer.from(body),
  }));
  const connection = { headers: { 'X-Key': 'k' }, tls: null, proxy: null };
  const place = { url: `${url}nc/remote.php/dav/files/jm/`, auth: AUTH, connection };
  const webdav = createTestWebdav({ keepsCookies: true });
  for (let n = 0; n < 2; n++) expect(await webdav.isInMaintenance(place, NEVER)).toBe(isInMaintenance);
  expect(requests.map(({ method, target }) => `${method} ${target}`)).toEqual(Array(2).fill('GET /nc/status.php'));
  for (const { headers } of requests) {
    expect([headers.authorization, headers.cookie, headers['x-key']]).toEqual([undefined, undefined, 'k']);
    expect(headers['user-agent']).toBe('ovadex/test');
  }
});

test('a server that can not be reached says nothing, and an abort ends the question', async () => {
  const webdav = createTestWebdav();
  const place = { url: 'http://127.0.0.1:9/', auth: AUTH };
  expect(await webdav.isInMaintenance(place, NEVER)).toBeNull();
  await expect(webdav.isInMaintenance(place, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});
