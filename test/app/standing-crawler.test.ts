import { describe, expect, it } from 'vitest';
import type { CrawlerHandle } from '../../src/app/crawler.js';
import { createStandingCrawler } from '../../src/app/standing-crawler.js';
import type { Config } from '../../src/config/schema.js';
import { OvadexError } from '../../src/domain/model/errors.js';

const configOf = (spaces: readonly string[], maxDepth = 64) =>
  ({ spaces, discoveries: [], crawl: { maxDepth }, data: {}, maintenance: {} }) as unknown as Config;

type Step = 'open' | 'check' | 'serve' | 'update';

/** Crawlers that note what is done with them, and fail where they are told to. */
function scene() {
  const done: string[] = [];
  const failing = new Map<Step, Error>();
  let made = 0;
  const step = async (which: Step, id: number) => {
    const error = failing.get(which);
    if (error !== undefined) throw error;
    done.push(`${which} ${id}`);
  };
  const create = () => {
    const id = ++made;
    const error = failing.get('open');
    if (error !== undefined) throw error;
    const daemon = {
      handOver: () => ({ settings: new Map(), users: new Map() }),
      update: () => step('update', id),
      cancel: async () => undefined,
      stop: async () => void done.push(`end ${id}`),
    };
    return {
      check: () => step('check', id),
      serve: async () => {
        await step('serve', id);
        return daemon;
      },
      stop: async () => void done.push(`close ${id}`),
    } as unknown as CrawlerHandle;
  };
  let opened: Promise<void> = Promise.resolve();
  /** Has the next one wait until it is let go. */
  const hold = () => {
    let letGo = () => {};
    opened = new Promise((resolve) => (letGo = resolve));
    return () => letGo();
  };
  const standing = createStandingCrawler(configOf(['jm']), async () => {
    await opened;
    return create();
  });
  return { done, failing, standing, hold };
}

const LOCKED = new OvadexError('index', 'database is locked');

describe('a crawler whose configuration changes', () => {
  it('goes on when only its spaces do', async () => {
    const { done, standing } = scene();
    await standing.ready();
    await standing.reload(configOf(['jm', 'kim']));
    expect(done).toEqual(['serve 1', 'update 1']);
  });

  it('gives way to another one when anything else does', async () => {
    const { done, standing } = scene();
    await standing.ready();
    await standing.reload(configOf(['jm'], 7));
    expect(done).toEqual(['serve 1', 'check 2', 'end 1', 'close 1', 'serve 2']);
  });

  it.each<[Step, readonly string[]]>([
    ['open', []],
    ['check', ['close 2']],
  ])(
    'goes on by the old one when the index fails the new crawler (%s), and changes when it is asked again',
    async (step, closed) => {
      const { done, failing, standing } = scene();
      await standing.ready();
      failing.set(step, LOCKED);
      await expect(standing.reload(configOf(['jm'], 7))).rejects.toThrow('locked');
      failing.clear();
      await standing.check();
      await standing.reload(configOf(['jm'], 7));
      expect(done).toEqual(['serve 1', ...closed, 'check 1', 'check 3', 'end 1', 'close 1', 'serve 3']);
    },
  );

  it('is not there, and says so, when the index fails between the two, until a reload succeeds', async () => {
    const { done, failing, standing } = scene();
    await standing.ready();
    failing.set('serve', LOCKED);
    await expect(standing.reload(configOf(['jm'], 7))).rejects.toThrow('locked');
    await expect(standing.check()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(standing.cancel(1)).rejects.toMatchObject({ code: 'unavailable' });
    failing.clear();
    await standing.reload(configOf(['jm'], 7));
    await standing.check();
    expect(done).toEqual(['serve 1', 'check 2', 'end 1', 'close 1', 'close 2', 'check 3', 'serve 3', 'check 3']);
  });

  it('is replaced after an update that broke off where nobody expected it', async () => {
    const { done, failing, standing } = scene();
    await standing.ready();
    failing.set('update', new TypeError('a mistake'));
    await expect(standing.reload(configOf(['kim']))).rejects.toThrow('a mistake');
    failing.clear();
    await standing.reload(configOf(['kim']));
    expect(done).toEqual(['serve 1', 'check 2', 'end 1', 'close 1', 'serve 2']);
  });

  it('is stopped for good, also by a stop that comes while another one is being opened', async () => {
    const { done, standing, hold } = scene();
    await standing.ready();
    const letGo = hold();
    const reloaded = standing.reload(configOf(['jm'], 7));
    const stopped = standing.stop();
    letGo();
    await Promise.all([reloaded, stopped]);
    expect(done).toEqual(['serve 1', 'check 2', 'close 2', 'end 1', 'close 1']);
    await expect(standing.check()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('tells why it could not start by the error’s own code', async () => {
    const { failing, standing } = scene();
    failing.set('open', LOCKED);
    await expect(standing.ready()).rejects.toMatchObject({ code: 'index' });
  });
});
