import { afterEach, describe, expect, it } from 'vitest';
import { createMonitoringApp } from '../../src/http/monitoring-app.js';
import { type FetchApp, listen } from '../../src/http/server/server.js';
import { createCleanup } from '../support/cleanup.js';
import { quietLogger } from '../support/quiet-logger.js';
import { sendAllRaw, sendRaw } from '../support/raw-http.js';
import { type Body, createApiScene } from './api-scene.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

async function start(app: FetchApp) {
  const server = await listen(app, { kind: 'tcp', host: '127.0.0.1', port: 0 }, { logger: quietLogger });
  cleanup.add(() => server.close(0));
  return Number(new URL(server.url).port);
}

async function startApi() {
  const scene = createApiScene({ publicUrl: null });
  await scene.addSpace('jm');
  await scene.sync('jm', ['a.ova']);
  return { port: await start(scene.app), token: await scene.tokenFor('jm') };
}

const machines = () =>
  createMonitoringApp({
    checkHealth: async () => [{ name: 'index', ok: true, required: true, detail: null }],
    metrics: { contentType: 'text/plain', render: async () => '' },
    logger: quietLogger,
  });

/** Each health check as its sender writes it. */
const CHECKS = [
  ["HAProxy's httpchk as it comes", 'OPTIONS / HTTP/1.0\r\n\r\n'],
  ["HAProxy's httpchk of a path", 'GET /readyz HTTP/1.0\r\n\r\n'],
  ['HAProxy with HEAD', 'HEAD /livez HTTP/1.0\r\n\r\n'],
  ["Apache's hcheck by OPTIONS", 'OPTIONS * HTTP/1.0\r\n\r\n'],
  ['OPTIONS * of HTTP/1.1', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
  ["Apache's hcheck by HEAD", 'HEAD /readyz HTTP/1.0\r\n\r\n'],
  ["Nagios' check_http by address", 'GET /readyz HTTP/1.0\r\nUser-Agent: check_http\r\nConnection: close\r\n\r\n'],
  ['OPTIONS of the liveness', 'OPTIONS /livez HTTP/1.0\r\n\r\n'],
  ['OPTIONS of the readiness', 'OPTIONS /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
] as const;

describe('a health check', () => {
  it.each(CHECKS)('finds the API well: %s', async (_, bytes) => {
    const { port } = await startApi();
    const { status, headers } = await sendRaw(port, bytes);
    expect([200, 204, 302]).toContain(status);
    expect(headers.get('x-request-id')).toBeTruthy();
  });

  it.each(CHECKS.slice(1))('finds the listener for machines well: %s', async (_, bytes) => {
    expect([200, 204]).toContain((await sendRaw(await start(machines()), bytes)).status);
  });
});

describe('OPTIONS *', () => {
  it('is 204 with Allow, and the connection goes on', async () => {
    const { port } = await startApi();
    const one = 'OPTIONS * HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}';
    const next = 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const [first, second] = await sendAllRaw(port, [one.replace('\r\n\r\n{}', '\r\n\r\n{}'), next]);
    expect(first?.status).toBe(204);
    expect(first?.headers.get('allow')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
    expect(first?.headers.has('content-length')).toBe(false);
    expect(second?.status).toBe(200);
  });

  it.each(['GET', 'HEAD', 'POST'])('is for OPTIONS alone: %s * is 400', async (method) => {
    const { port } = await startApi();
    expect((await sendRaw(port, `${method} * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).status).toBe(400);
  });
});

describe('a request without Host', () => {
  it('gets links to the address that it came to, in HTTP/1.0', async () => {
    const { port, token } = await startApi();
    const { status, body } = await sendRaw(port, `GET /v2/image HTTP/1.0\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    expect(status).toBe(200);
    expect((JSON.parse(body) as Body)._links.self).toBe(`http://127.0.0.1:${port}/v2/image`);
  });

  it.each([
    ['none at all', 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['none, the target absolute', 'GET http://x/livez HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two', 'GET /livez HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n'],
    ['the same twice', 'GET /livez HTTP/1.1\r\nHost: x\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['two, far apart', 'GET /livez HTTP/1.0\r\nHost: x\r\nAccept: */*\r\nhOST: y\r\n\r\n'],
    ['a list', 'GET /livez HTTP/1.1\r\nHost: x,y\r\nConnection: close\r\n\r\n'],
    ['two before OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n'],
  ])('or with more than one is 400, with a body that says why: %s', async (_, bytes) => {
    const { port } = await startApi();
    const { status, headers, body } = await sendRaw(port, bytes);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect((JSON.parse(body) as Body).detail).toMatch(/Host/);
  });
});
