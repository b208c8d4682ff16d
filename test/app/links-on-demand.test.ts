import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLinksOnDemand } from '../../src/app/links-on-demand.js';
import type { StandingCrawler } from '../../src/app/standing-crawler.js';
import type { Config } from '../../src/config/schema.js';
import type { SpaceSettings } from '../../src/domain/model/space.js';
import { createMemoryIndex } from '../support/memory-index/memory-index.js';
import { quietLogger } from '../support/quiet-logger.js';

const LINK = {
  user: 'jm',
  server: 'https://cloud.example.org/',
  loginName: 'jm',
  keyId: 'k',
  sealed: Buffer.from('sealed'),
  via: 'browser',
  linkedAt: 1,
} as const;

describe('links that commands change beside the daemon', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function scene(origins: Config['link']['origins'], configured: readonly SpaceSettings[] = []) {
    const directory = await mkdtemp(join(tmpdir(), 'ovadex-demand-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const config = { data: { directory }, link: { origins, keyFile: null } } as unknown as Config;
    const index = createMemoryIndex();
    const relink = vi.fn(async () => undefined);
    const crawler = {
      config: () => config,
      configured: () => configured,
      index: () => index,
      relink,
    } as unknown as StandingCrawler;
    const links = createLinksOnDemand(config, { crawler, logger: quietLogger });
    onTestFinished(() => links.stop());
    const list = vi.spyOn(index.links, 'list');
    return { links, index, relink, list };
  }
  const ORIGINS = [{ url: 'https://cloud.example.org/remote.php/dav/files/{user}/', loginName: '{user}' }];

  it('are taken over within a minute, and once', async () => {
    const { links, index, relink, list } = await scene(ORIGINS);
    await index.links.put(LINK);
    await links.watch();
    const aMinute = async () => {
      const before = list.mock.calls.length;
      await vi.advanceTimersByTimeAsync(60_000);
      await vi.waitUntil(() => list.mock.calls.length > before);
      await Promise.all(list.mock.results.map(({ value }) => value));
      await new Promise(setImmediate);
    };
    await aMinute();
    expect(relink).not.toHaveBeenCalled();
    await index.links.remove('jm');
    await aMinute();
    expect(relink).toHaveBeenCalledTimes(1);
    await aMinute();
    expect(relink).toHaveBeenCalledTimes(1);
  });

  it('are not for users whose credentials are in a folder', async () => {
    const auth = { type: 'basic', username: 'jm', password: 'x' } as const;
    const space = { user: 'jm', url: 'https://cloud.example.org/remote.php/dav/files/jm/', auth, watchDirectory: null };
    const { links } = await scene(ORIGINS, [space]);
    expect(await links.startLink({ user: 'jm', server: null })).toMatchObject({ failure: 'taken' });
    expect(await links.keepPassword({ user: 'jm', password: 'x' })).toBe('not-concerned');
    expect(await links.linkStanding('jm')).toMatchObject({ isTaken: true });
  });

  it('are no concern of a daemon where nothing may be linked', async () => {
    const { links, list } = await scene([]);
    await links.watch();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(list).not.toHaveBeenCalled();
    await expect(links.linkStanding('jm')).rejects.toMatchObject({ code: 'internal' });
  });
});
