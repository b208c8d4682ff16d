import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crawlElsewhere } from '../../src/app/crawler-elsewhere.js';
import type { Crawling } from '../../src/app/crawling/start-crawling.js';
import type { Index } from '../../src/app/engines/index-ports.js';
import type { Config } from '../../src/config/schema.js';
import { NO_FINDINGS } from '../../src/domain/model/markers.js';
import { NO_COUNTS } from '../../src/domain/model/sync.js';
import { createMemoryIndex } from '../support/memory-index/memory-index.js';
import { quietLogger } from '../support/quiet-logger.js';

const NOW = 1_000;
const CLOUD = 'https://cloud.example.org/remote.php/dav/files/jm/';
const config = {
  data: { directory: '/none' },
  link: { origins: [], keyFile: null },
  spaces: [],
  userFolders: [],
  crawl: { exclude: [], excludeDefaults: true, schedule: '*/15 * * * *', timeZone: null },
} as unknown as Config;

describe('a host without a crawler', () => {
  let ports: ReturnType<typeof createMemoryIndex>;
  let crawling: Crawling;
  beforeEach(async () => {
    ports = createMemoryIndex(() => NOW);
    await ports.spaces.configure([{ user: 'jm', url: CLOUD }], 'rules', NOW);
    const index = { ...ports, images: ports.index, probe: async () => undefined } as unknown as Index;
    crawling = await crawlElsewhere(config, { index, clock: () => NOW, logger: quietLogger });
    await crawling.crawler.ready();
  });
  afterEach(() => crawling.crawler.stop());

  const spaceId = async () => (await ports.catalogue.space('jm'))?.id ?? 0;
  const filed = async () => (await ports.syncs.list({ limit: 10 })).map(({ mode, trigger }) => [mode, trigger]);

  it('files what others are to sync, and cancels it', async () => {
    const request = {
      spaceId: await spaceId(),
      mode: 'full',
      trigger: 'request',
      requestedBy: 'jm',
      targets: [],
    } as const;
    const { id } = await crawling.crawler.requestSync(request);
    expect(await filed()).toEqual([['full', 'request']]);
    expect(await crawling.crawler.cancel(id)).toBe(true);
    expect((await ports.syncs.find(id))?.status).toBe('CANCELLED');
  });

  it('files hints as syncs of the nearest folder that is known, and leaves alone what leads to no space', async () => {
    await crawling.crawler.hint([
      { below: 'home', user: 'jm', path: 'lab/new.ova' },
      { below: 'space', user: 'nobody', path: 'a.ova' },
    ]);
    await expect.poll(filed, { timeout: 10_000 }).toEqual([['hint', 'hint']]);
  });

  it('has a suspended space tried again once its user has logged in', async () => {
    await ports.spaces.fileDue(NOW);
    const claimed = await ports.syncs.claim({ owner: 'other host', leaseMs: 1_000 });
    if (claimed === null) throw new Error('nothing to claim');
    await ports.syncs.finish(claimed.lease, {
      ...{ status: 'ERROR', counts: NO_COUNTS, errors: ['401'], warnings: [], isUnauthorized: true },
      ...{ heldRemovals: null, heldReasons: [], findings: NO_FINDINGS },
    });
    const before = (await ports.catalogue.space('jm'))?.nextSyncAt ?? Number.POSITIVE_INFINITY;
    await crawling.crawler.loggedIn('jm');
    expect((await ports.catalogue.space('jm'))?.nextSyncAt).toBeLessThan(before);
    await crawling.crawler.resume(await spaceId());
    expect((await ports.catalogue.space('jm'))?.trouble).toBeNull();
  });
});
