import { expect, it } from 'vitest';
import { createProxyWatch } from '../../../src/http/gate/unnamed-proxy.js';
import { createApiScene } from '../api-scene.js';

function createScene(trustedProxies: readonly string[] = []) {
  const warnings: object[] = [];
  const proxyWatch = createProxyWatch(trustedProxies, { warn: (details: object) => void warnings.push(details) });
  const { app } = createApiScene({ proxyWatch });
  const ask = (address: string | undefined, headers: Record<string, string> = {}) =>
    app.request('/v2/ping', { headers }, { incoming: { socket: { remoteAddress: address } } });
  return { warnings, ask, proxyWatch };
}

const FORWARDED = { 'x-forwarded-for': '198.51.100.7' };

it('warns once of a proxy that is not named', async () => {
  const { warnings, ask, proxyWatch } = createScene(['192.0.2.10']);
  await ask('192.0.2.11');
  expect(proxyWatch.isFound()).toBe(false);
  for (let n = 0; n < 3; n++) await ask('192.0.2.11', FORWARDED);
  await ask('192.0.2.12', FORWARDED);
  expect(warnings).toEqual([{ address: '192.0.2.11' }]);
  expect(proxyWatch.isFound()).toBe(true);
});

it.each([
  [['192.0.2.0/24'], '192.0.2.11'],
  [['192.0.2.10'], '::ffff:192.0.2.10'],
  [['unix'], undefined],
])('is silent of a named one (%j, %s)', async (trusted, address) => {
  const { warnings, ask } = createScene(trusted);
  await ask(address, FORWARDED);
  expect(warnings).toEqual([]);
});
