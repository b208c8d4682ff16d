import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.js';
import { configFolder, problemsIn } from '../config-folder.js';

const DATA = 'data: { directory: index }\n';

async function serverOf(server: string) {
  const folder = await configFolder({ 'ovadex.yaml': `${DATA}server: { ${server} }\n` });
  return (await loadConfig(join(folder, 'ovadex.yaml'))).server;
}

describe('the rights of a unix socket', () => {
  const API = { kind: 'unix', path: '/run/api.sock' };

  test.each([
    ['listen: "unix:/run/api.sock"', API],
    ['listen: "unix:/run/api.sock", socketMode: "0666"', { ...API, mode: 0o666 }],
    ['listen: "unix:/run/api.sock", socketMode: "600"', { ...API, mode: 0o600 }],
    ['listen: "unix:/run/api.sock", socketGroup: www-data', { ...API, group: 'www-data' }],
    ['listen: "unix:/run/api.sock", socketGroup: "33"', { ...API, group: '33' }],
    ['listen: "unix:/run/api.sock", socketGroup: "EXAMPLE\\\\proxies"', { ...API, group: 'EXAMPLE\\proxies' }],
  ])('%s', async (server, listen) => {
    expect(await serverOf(server)).toEqual({
      listen,
      metricsListen: null,
      publicUrl: null,
      trustedProxies: [],
      keepAliveMs: 65_000,
      console: true,
    });
  });

  test('are those of each, and of no other address', async () => {
    const given = 'metricsListen: "unix:/run/m.sock", socketMode: "0660", socketGroup: proxies';
    expect(await serverOf(given)).toMatchObject({
      listen: { kind: 'tcp', host: '127.0.0.1', port: 8080 },
      metricsListen: { kind: 'unix', path: '/run/m.sock', mode: 0o660, group: 'proxies' },
    });
  });

  const MODE = 'must be permissions in quotes: "0600" (owner), "0660" (owner and group) or "0666" (everybody)';
  const NO_SOCKET = 'must have a "unix:/path" in listen or metricsListen if socketMode or socketGroup is set';
  test.each([
    ['socketMode: 0660', `server.socketMode: ${MODE} (it is 660)`],
    ['socketMode: "0066"', `server.socketMode: ${MODE}`],
    ['socketMode: "0668"', `server.socketMode: ${MODE}`],
    ['socketMode: "4755"', `server.socketMode: ${MODE}`],
    ['socketMode: rw', `server.socketMode: ${MODE}`],
    ['socketGroup: 33', 'server.socketGroup: must be the name of a group, in quotes'],
    ['socketGroup: "a:b"', 'server.socketGroup: must be the name of a group'],
    ['socketGroup: "-x"', 'server.socketGroup: must be the name of a group'],
  ])('refuses %s', async (entry, problem) => {
    const problems = await problemsIn(`${DATA}server: { listen: "unix:/run/a.sock", ${entry} }\n`);
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  test.each(['socketMode: "0660"', 'socketGroup: www-data'])(
    'refuses %s where nothing listens at one',
    async (entry) => {
      expect(await problemsIn(`${DATA}server: { ${entry} }\n`)).toEqual([expect.stringContaining(NO_SOCKET)]);
    },
  );
});
