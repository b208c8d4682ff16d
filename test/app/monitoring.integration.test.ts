import { afterEach, describe, expect, it } from 'vitest';
import { createWatching, type Phase, type Watched } from '../../src/app/monitoring.js';
import { listenAddress } from '../../src/config/fields/fields.js';
import type { Config } from '../../src/config/schema.js';
import { createCleanup } from '../support/cleanup.js';
import { quietLogger } from '../support/quiet-logger.js';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const well: Watched = {
  phase: () => 'serving',
  displacement: () => null,
  readIndex: async () => null,
  checkCrawler: async () => undefined,
  measureCrawl: () => Promise.reject(new Error('nobody measures here')),
};

/** Asks a listener for machines whether the daemon is ready. */
async function askReady(watched: Partial<Watched>, roles: Config['roles'] = ['api', 'crawler']) {
  const metricsListen = listenAddress((path) => path).parse('127.0.0.1:0');
  const config = { server: { metricsListen }, roles } as Config;
  const watching = createWatching(config, { ...well, ...watched }, { clock: Date.now, logger: quietLogger });
  const url = await watching.open();
  cleanup.add(() => watching.close());
  const response = await fetch(`${url}/readyz?verbose`);
  const { checks } = (await response.json()) as { checks: { name: string; ok: boolean }[] };
  return { status: response.status, failed: checks.filter(({ ok }) => !ok).map(({ name }) => name) };
}

describe('a daemon', () => {
  it.each<[string, number, Partial<Watched>, readonly string[]]>([
    ['serves', 200, {}, []],
    ['starts', 503, { phase: (): Phase => 'starting' }, ['serving']],
    ['stops', 503, { phase: (): Phase => 'stopping' }, ['serving']],
    ['can not read its index', 503, { readIndex: () => Promise.reject(new Error('SQLITE_IOERR')) }, ['index']],
    [
      'has another index by its name',
      503,
      { displacement: () => ({ what: 'the index was replaced', rescue: 'copy', isLogLeft: false }) },
      ['index'],
    ],
    ['waits for its index', 503, { readIndex: () => new Promise(() => {}) }, ['index']],
    ['has a crawler that hangs', 200, { checkCrawler: () => new Promise(() => {}) }, ['crawler']],
  ])('that %s answers %i', async (_, status, watched, failed) => {
    expect(await askReady(watched)).toEqual({ status, failed });
  });

  it('that leaves crawling to others answers 200 while it cannot write, and says so', async () => {
    const checkCrawler = () => Promise.reject(new Error('read-only'));
    expect(await askReady({ checkCrawler }, ['api'])).toEqual({ status: 200, failed: ['writing'] });
  });

  it('that leaves the API to others tells how it is at its address, and no numbers', async () => {
    const listen = listenAddress((path) => path).parse('127.0.0.1:0');
    const config = { server: { listen, metricsListen: null }, roles: ['crawler'] } as unknown as Config;
    const watching = createWatching(config, well, { clock: Date.now, logger: quietLogger });
    const server = await watching.serveHere(null);
    cleanup.add(() => server.close(0));
    const statuses = ['/livez', '/readyz', '/metrics', '/v2/image'].map(
      async (path) => (await fetch(server.url + path)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 404, 404]);
  });
});
