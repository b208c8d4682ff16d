import { createServer } from 'node:net';
import { rootCertificates } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../../src/domain/model/path.js';
import type { ConnectionSettings } from '../../src/domain/model/space.js';
import { trustedWith } from '../../src/webdav/connections.js';
import { type Authority, createAuthority } from '../support/certificates.js';
import { emptyListing, httpAnswer, startRawPort } from '../support/raw-port.js';
import { startConnectProxy } from '../support/servers/connect-proxy.js';
import { startScriptedServer } from '../support/servers/scripted-server.js';
import { createTestWebdav, failureOf, NEVER, openAt } from './open-store.js';

const COMPLETE = { complete: true };
const PLAIN: ConnectionSettings = { headers: {}, tls: null, proxy: null };
const authority = await createAuthority('test authority');
const stranger = await createAuthority('another authority');

/** An https storage with a certificate of the authority. */
async function startTlsServer(options: { clientsOf?: Authority; continues?: boolean } = {}) {
  const { certificate, key } = await authority.issue('storage');
  const clients = options.clientsOf === undefined ? {} : { ca: options.clientsOf.certificate, requestCert: true };
  const script = () => (options.continues === true ? { status: 207, continues: true } : null);
  return startScriptedServer(script, { cert: certificate, key, ...clients });
}

const trusting = (ca: Authority): ConnectionSettings => ({ ...PLAIN, tls: { ca: ca.certificate, identity: null } });

describe('a storage whose certificate is of an own authority', () => {
  test('is listed by who trusts that', async () => {
    const { url } = await startTlsServer();
    const listing = await openAt(url, { connection: trusting(authority) }).list(ROOT, NEVER);
    expect(listing.verdict).toEqual(COMPLETE);
  });

  test.for([
    ['nobody else', PLAIN],
    ['who trusts another one', trusting(stranger)],
  ] as const)('is refused by %s, at the first try', async ([, connection]) => {
    const { url, requests } = await startTlsServer();
    const store = openAt(url, { connection, auth: { type: 'basic', username: 'jm', password: 'secret-1' } });
    const listing = await store.list(ROOT, NEVER);
    const { failure, detail } = failureOf(listing);
    expect(failure).toBe('unreachable');
    expect(detail).toMatch(/certificate/);
    expect(listing.requests).toBe(1);
    expect(requests).toEqual([]);
  });
});

describe('a storage that wants a certificate', () => {
  test('gets it', async () => {
    const { url } = await startTlsServer({ clientsOf: stranger });
    const identity = await stranger.issue('ovadex');
    const connection = { ...PLAIN, tls: { ca: authority.certificate, identity } };
    expect((await openAt(url, { connection }).list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
  });

  test.for(['none', 'one of another authority'] as const)('refuses %s', async (what) => {
    const { url, requests } = await startTlsServer({ clientsOf: stranger });
    const identity = what === 'none' ? null : await authority.issue('ovadex');
    const connection = { ...PLAIN, tls: { ca: authority.certificate, identity } };
    const { failure, detail } = failureOf(await openAt(url, { connection }).list(ROOT, NEVER));
    expect(failure).toBe('unreachable');
    expect(detail).not.toMatch(/BEGIN/);
    expect(requests).toEqual([]);
  });
});

test('own authorities are trusted beside the usual roots, not instead of them', () => {
  expect(trustedWith('own')).toEqual([...rootCertificates, 'own']);
  expect(rootCertificates.length).toBeGreaterThan(50);
});

test('spaces that are reached alike share their connections, others do not', async () => {
  const server = await startTlsServer();
  const webdav = createTestWebdav({ requestsPerHost: 1 });
  const same = [trusting(authority), trusting(authority)].map((connection) =>
    openAt(server.url, { webdav, connection }),
  );
  for (const store of same) expect((await store.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
  expect(server.connections).toBe(1);
  const identity = await stranger.issue('ovadex');
  const other = openAt(server.url, { webdav, connection: { ...PLAIN, tls: { ca: authority.certificate, identity } } });
  expect((await other.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
  expect(server.connections).toBe(2);
});

test('a handshake that never ends is a timeout', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  const timeouts = { connectMs: 50, firstByteMs: 5_000, silenceMs: 5_000, totalMs: 10_000 };
  const store = openAt(`https://127.0.0.1:${port}/`, { webdav: createTestWebdav({ timeouts }) });
  const { failure, detail } = failureOf(await store.list(ROOT, NEVER));
  expect(failure).toBe('timeout');
  expect(detail).toContain('UND_ERR_CONNECT_TIMEOUT');
});

describe('extra headers', () => {
  test('go with every request, and may replace the user agent', async () => {
    const { url, requests } = await startScriptedServer(() => null);
    const headers = { referer: 'https://dav.example.org/', 'x-api-key': 'secret-2', 'user-agent': 'something else' };
    const store = openAt(url, { connection: { ...PLAIN, headers } });
    await store.list(ROOT, NEVER);
    await store.probe(ROOT, NEVER);
    expect(requests).toHaveLength(2);
    for (const request of requests) expect(request.headers).toMatchObject(headers);
  });

  test('that no header can be made of fail the listing without showing themselves', async () => {
    const { url, requests } = await startScriptedServer(() => null);
    const connection = { ...PLAIN, headers: { 'X-Api-Key': 'line\nbreak-secret' } };
    const { detail } = failureOf(await openAt(url, { connection }).list(ROOT, NEVER));
    expect(detail).not.toContain('secret');
    expect(requests).toEqual([]);
  });
});

describe('a proxy', () => {
  const through = (
    url: string,
    password: string | null,
    tls: ConnectionSettings['tls'] = null,
  ): ConnectionSettings => ({
    headers: {},
    tls,
    proxy: { url, credentials: password === null ? null : { username: 'jä', password } },
  });
  const tls = { ca: authority.certificate, identity: null };

  test('is asked for a tunnel to an https storage, with credentials that the storage does not see', async () => {
    const proxy = await startConnectProxy({ account: 'jä:geheim-ü' });
    const { url, port, requests } = await startTlsServer();
    const store = openAt(url, {
      connection: through(proxy.url, 'geheim-ü', tls),
      auth: { type: 'bearer', token: 'token-1' },
    });
    expect((await store.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
    expect(proxy.seen).toEqual([`CONNECT 127.0.0.1:${port}`]);
    expect(proxy.headers[0]).not.toHaveProperty('authorization');
    expect(requests[0]?.headers).toMatchObject({ authorization: 'Bearer token-1' });
    expect(requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  test('passes on what is asked of an http storage', async () => {
    const proxy = await startConnectProxy({ account: 'jä:geheim-ü' });
    const { url, requests } = await startScriptedServer(() => null);
    const store = openAt(url, { connection: through(proxy.url, 'geheim-ü') });
    expect((await store.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
    expect(proxy.seen).toEqual([`PROPFIND ${url}`]);
    expect(requests).toMatchObject([{ target: '/' }]);
  });

  test('is not asked by spaces that have none', async () => {
    const proxy = await startConnectProxy();
    const { url } = await startScriptedServer(() => null);
    const webdav = createTestWebdav();
    await openAt(url, { webdav, connection: through(proxy.url, null) }).list(ROOT, NEVER);
    await openAt(url, { webdav }).list(ROOT, NEVER);
    expect(proxy.seen).toHaveLength(1);
  });

  test.for([
    ['https', 407],
    ['http', 407],
  ] as const)(
    'that refuses the credentials for an %s storage is asked once, and does not suspend the space',
    async ([scheme]) => {
      const proxy = await startConnectProxy({ account: 'jä:geheim-ü' });
      const { url, requests } = scheme === 'https' ? await startTlsServer() : await startScriptedServer(() => null);
      const store = openAt(url, { connection: through(proxy.url, 'wrong-1', tls) });
      const listing = await store.list(ROOT, NEVER);
      const { failure, detail } = failureOf(listing);
      expect(failure).not.toBe('unauthorized');
      expect(detail).toMatch(/proxy.*407/i);
      expect(detail).not.toMatch(/wrong-1|jä/);
      expect(proxy.seen).toHaveLength(1);
      expect(requests).toEqual([]);
    },
  );

  test('that can not reach the storage is asked again', async () => {
    const proxy = await startConnectProxy({ status: 503 });
    const { url } = await startTlsServer();
    const { failure, detail } = failureOf(
      await openAt(url, { connection: through(proxy.url, null, tls) }).list(ROOT, NEVER),
    );
    expect(failure).toBe('unreachable');
    expect(detail).toContain('the proxy answered 503');
    expect(proxy.seen).toHaveLength(4);
  });

  test('that makes no tunnel is a timeout', async () => {
    const proxy = await startConnectProxy({ status: 'silent' });
    const timeouts = { connectMs: 50, firstByteMs: 5_000, silenceMs: 5_000, totalMs: 10_000 };
    const webdav = createTestWebdav({ timeouts });
    const { url } = await startTlsServer();
    const store = openAt(url, { webdav, connection: through(proxy.url, null, tls) });
    expect(failureOf(await store.list(ROOT, NEVER)).failure).toBe('timeout');
  });

  test('that answers its own 100 Continue, or tunnels to a storage that does, is no obstacle', async () => {
    const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
    const plain = await startRawPort(() => CONTINUE + httpAnswer('207 Multi-Status', emptyListing('/')));
    const store = openAt('http://storage.invalid/', { connection: through(plain.url.slice(0, -1), null) });
    expect((await store.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);

    const proxy = await startConnectProxy();
    const { url } = await startTlsServer({ continues: true });
    for (const connection of [through(proxy.url, null, tls), trusting(authority)]) {
      const tunnelled = openAt(url, { connection });
      for (let n = 0; n < 2; n++) expect((await tunnelled.list(ROOT, NEVER)).verdict).toEqual(COMPLETE);
    }
  });

  test.for([
    ['https', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['http', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ] as const)('that is none fails an %s storage in words', async ([scheme, banner]) => {
    const proxy = await startRawPort(() => banner);
    const connection = through(proxy.url.slice(0, -1), 'secret-3', tls);
    const listing = await openAt(`${scheme}://storage.invalid/`, { connection }).list(ROOT, NEVER);
    expect(failureOf(listing)).toMatchObject({
      failure: 'malformed',
      detail: expect.stringContaining('the answer is not HTTP (Expected HTTP/') as string,
    });
    expect(listing.requests).toBe(2);
  });

  test('that nobody runs is unreachable', async () => {
    const { url } = await startTlsServer();
    const connection = through('http://127.0.0.1:1', 'secret-3', tls);
    const { failure, detail } = failureOf(await openAt(url, { connection }).list(ROOT, NEVER));
    expect(failure).toBe('unreachable');
    expect(detail).toContain('ECONNREFUSED');
    expect(detail).not.toContain('secret-3');
  });
});
