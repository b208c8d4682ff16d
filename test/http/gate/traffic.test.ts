import { describe, expect, it } from 'vitest';
import { createTraffic } from '../../../src/http/gate/traffic.js';
import { createApiScene } from '../api-scene.js';

describe('the traffic', () => {
  it('is counted by route, method and status, whatever the path says', async () => {
    const traffic = createTraffic();
    const scene = createApiScene({ traffic });
    await scene.addSpace('jm');
    const token = await scene.tokenFor('jm');
    for (const path of ['/v2/image/1', '/v2/image/2', '/v2/image/x', '/v2/image']) await scene.ask(token, path);
    await scene.app.request('/v2/image');
    await scene.app.request('/v2/image', { method: 'BREW' });
    await scene.app.request('/v2/image', { method: 'MELT' });
    await scene.app.request('/wp-login.php');
    // The scene itself has asked for the document.
    const pages = traffic.read().filter(({ route }) => route !== '/openapi.json');
    const counts = pages.map(({ route, method, byStatus }) => [route, method, Object.fromEntries(byStatus)]);
    expect(counts).toEqual([
      ['/v2/image', 'GET', { 200: 1, 401: 1 }],
      ['/v2/image', 'other', { 405: 2 }],
      ['/v2/image/{id}', 'GET', { 404: 3 }],
      ['none', 'GET', { 404: 1 }],
    ]);
    for (const { byStatus, seconds } of traffic.read()) {
      const answers = [...byStatus.values()].reduce((sum, count) => sum + count, 0);
      expect(seconds.counts.reduce((sum, count) => sum + count, 0)).toBe(answers);
      expect(seconds.sum).toBeGreaterThan(0);
    }
  });

  it('counts an answer whose duration nobody knows, but as no duration', () => {
    const traffic = createTraffic();
    traffic.route('none')('', 431, null);
    const [page] = traffic.read();
    expect([page?.method, page?.byStatus, page?.seconds.sum]).toEqual(['other', new Map([[431, 1]]), 0]);
    expect(page?.seconds.counts.every((count) => count === 0)).toBe(true);
  });

  it('puts a duration into the class that just holds it', () => {
    const traffic = createTraffic();
    const note = traffic.route('/x');
    for (const seconds of [0, 0.001, 0.0011, 10, 11]) note('GET', 200, seconds);
    const [page] = traffic.read();
    const classes = (page?.seconds.counts ?? []).flatMap((count, at) =>
      count === 0 ? [] : [[page?.seconds.bounds[at] ?? Number.POSITIVE_INFINITY, count]],
    );
    expect(classes).toEqual([
      [0.0005, 1],
      [0.001, 1],
      [0.0025, 1],
      [10, 1],
      [Number.POSITIVE_INFINITY, 1],
    ]);
    expect(page?.seconds.sum).toBeCloseTo(21.0021);
  });
});
