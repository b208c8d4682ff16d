import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Predecessor, serveCrawl } from '../../src/app/serve-crawl.js';
import type { CrawlDaemon } from '../../src/crawl/daemon.js';
import type { CrawlDeps } from '../../src/crawl/sync-run.js';
import type { UserFolder } from '../../src/domain/model/space.js';
import { configFolder } from '../config/config-folder.js';
import { quietLogger } from '../support/quiet-logger.js';

const data = { directory: '/none', keepBackups: 1, replicated: false };
const link = { origins: [], keyFile: null };

/** A crawl of a folder's users that does nothing but note whom it would crawl. */
async function scene() {
  const folder = await configFolder({ jm: 'one', kim: 'two' });
  const sourceOf = () => {
    const userFolder: UserFolder = {
      folder,
      url: 'https://h/{user}/',
      auth: { type: 'basic', username: '{user}', passwordFile: join(folder, '{user}') },
    };
    return { spaces: [], discoveries: [], userFolders: [userFolder], link, data, webhooks: [] };
  };
  const crawled: (readonly string[])[] = [];
  const take = ({ spaces }: Pick<CrawlDeps, 'spaces'>) => void crawled.push(spaces.map(({ user }) => user));
  const serve = async (before?: Predecessor) => {
    const served = await serveCrawl(sourceOf(), before, {
      start: (deps) => {
        take(deps);
        const daemon = {
          settings: () => new Map(),
          update: async (next: Pick<CrawlDeps, 'spaces'>) => take(next),
          stop: async () => undefined,
        };
        return Promise.resolve(daemon as unknown as CrawlDaemon);
      },
      crawl: {} as CrawlDeps,
      withLinks: async ({ spaces }) => spaces,
      retain: () => undefined,
      logger: quietLogger,
    });
    onTestFinished(() => served.stop());
    return served;
  };
  /** As if the disk of the folder were not mounted. */
  const unmount = () => {
    renameSync(folder, `${folder}.away`);
    mkdirSync(folder);
    onTestFinished(() => renameSync(`${folder}.away`, join(folder, 'back')));
  };
  return { sourceOf, crawled, serve, unmount };
}

it('keeps the users of a folder that is empty all of a sudden when the configuration changes', async () => {
  const { sourceOf, crawled, serve, unmount } = await scene();
  const served = await serve();
  unmount();
  await served.update(sourceOf());
  expect(crawled).toEqual([
    ['jm', 'kim'],
    ['jm', 'kim'],
  ]);
});

it('has them among the spaces that are configured, which are not for them to link', async () => {
  const { serve, sourceOf } = await scene();
  const served = await serve();
  expect(served.configured().map(({ user }) => user)).toEqual(['jm', 'kim']);
  await served.update({ ...sourceOf(), userFolders: [] });
  expect(served.configured()).toEqual([]);
});

it('keeps them when another crawler takes its place', async () => {
  const { crawled, serve, unmount } = await scene();
  const served = await serve();
  unmount();
  await served.stop();
  await serve(served.handOver());
  expect(crawled).toEqual([
    ['jm', 'kim'],
    ['jm', 'kim'],
  ]);
});
