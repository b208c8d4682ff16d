import { describe, expect, it } from 'vitest';
import type { HealthCheck } from '../../../src/domain/diagnosis/daemon-health.js';
import { createMonitoringApp } from '../../../src/http/monitoring-app.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { createApiScene } from '../api-scene.js';

const GOOD: readonly HealthCheck[] = [
  { name: 'serving', ok: true, required: true, detail: null },
  { name: 'index', ok: true, required: true, detail: null },
  { name: 'crawler', ok: false, required: false, detail: 'it gives no answer' },
];
const BAD: readonly HealthCheck[] = [{ name: 'index', ok: false, required: true, detail: 'it gives no answer' }];

const ask = (checks: readonly HealthCheck[], path: string, accept = '*/*') =>
  createApiScene({ checkHealth: async () => checks }).app.request(path, { headers: { accept } });

describe('readiness', () => {
  it('is given while all that answers depend on is well', async () => {
    const response = await ask(GOOD, '/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ready' });
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('lists the checks where that is asked for, as JSON or as text', async () => {
    expect(await (await ask(GOOD, '/readyz?verbose')).json()).toEqual({ status: 'ready', checks: GOOD });
    const response = await ask(GOOD, '/readyz?verbose', 'text/plain');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await response.text()).toBe(
      '[+] serving ok\n[+] index ok\n[-] crawler failed (answers do not depend on it): it gives no answer\nready\n',
    );
  });

  it('is refused with a problem that names what is not well', async () => {
    const response = await ask(BAD, '/readyz');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status: 503, detail: 'not ready: index: it gives no answer' });
    const verbose = await ask(BAD, '/readyz?verbose');
    expect(await verbose.json()).toMatchObject({ status: 503, checks: BAD });
    const text = await ask(BAD, '/readyz?verbose', 'text/plain');
    expect([text.status, await text.text()]).toEqual([503, '[-] index failed: it gives no answer\nnot ready\n']);
  });
});

describe('metrics', () => {
  it('are for administrators where they are part of the API', async () => {
    const scene = createApiScene();
    expect((await scene.app.request('/metrics')).status).toBe(401);
    expect((await scene.ask(await scene.tokenFor('jm'), '/metrics')).status).toBe(403);
    const response = await scene.ask(await scene.tokenFor('root', ['admin']), '/metrics');
    expect([response.status, await response.text()]).toEqual([200, 'ovadex_images 12\n']);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('are no part of the API where they have a listener of their own', async () => {
    const scene = createApiScene({ metrics: null });
    const response = await scene.ask(await scene.tokenFor('root', ['admin']), '/metrics');
    expect(response.status).toBe(404);
    const { paths } = (await (await scene.app.request('/openapi.json')).json()) as { paths: object };
    expect(Object.keys(paths)).not.toContain('/metrics');
    const machines = createMonitoringApp({
      checkHealth: async () => GOOD,
      metrics: { contentType: 'text/plain', render: async () => 'x 1\n' },
      logger: quietLogger,
    });
    const answers = await Promise.all(
      ['/livez', '/readyz', '/metrics', '/v2/image'].map((path) => machines.request(path)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404]);
  });
});
