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
async function askReady(watched: Partial<Watched>) {
  const metricsListen = listenAddress((path) => path).parse('127.0.0.1:0');
  const config = { server: { metricsListen } } as Config;
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
});
