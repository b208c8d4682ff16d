import { afterEach, describe, expect, it } from 'vitest';
import type { Describer } from '../../../src/crawl/describe/describer.js';
import { startDescribing } from '../../../src/crawl/describing.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { Space, SpaceSettings } from '../../../src/domain/model/space.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { described } from '../../support/readings.js';
import { createVirtualTime } from '../../support/virtual-time.js';

describe('spaces that may be read', () => {
  let describer: Describer | null = null;
  afterEach(async () => {
    await describer?.stop();
    describer = null;
  });

  it('are all but those whose images are only listed, as the configuration is at that time', async () => {
    const time = createVirtualTime();
    const waiting = new Set([1, 2]);
    const settingsOf = (user: string): SpaceSettings => ({
      user,
      url: `https://dav.example/${user}/`,
      auth: { type: 'none' },
      watchDirectory: null,
    });
    const spaces = new Map<number, SpaceSettings>([
      [1, { ...settingsOf('jm'), describe: false }],
      [2, settingsOf('lab')],
    ]);
    const opened: string[] = [];
    const entryOf = (id: number) => {
      const settings = spaces.get(id) as SpaceSettings;
      return { space: { id } as Space, settings };
    };
    const image = { id: 1, path: 'x.ova' as ResourcePath, sizeBytes: 1, etag: null, modifiedAt: 1 };
    const deps = {
      describe: {
        turns: null,
        limits: { bytesPerSecond: 1_048_576, requestsAtOnce: 1 },
        descriptions: {
          toRead: async (id: number) => (waiting.has(id) ? [image] : []),
          spacesToRead: async (ids: readonly number[]) => new Set(ids.filter((id) => waiting.has(id))),
          store: async (id: number) => waiting.delete(id),
        },
        readImage: async () => ({ kind: 'read', reading: described() }) as const,
        open(settings: SpaceSettings) {
          opened.push(settings.user);
          const read = () => ({
            read: async () => ({ kind: 'unseekable' }) as const,
            cost: () => ({ requests: 1, bytes: 1 }),
            close: async () => undefined,
          });
          return { read, close: async () => undefined };
        },
      },
      catalogue: { space: async () => ({ trouble: null }) },
      tally: { imageRead: () => undefined },
      sleep: time.sleep,
      logger: quietLogger,
    } as unknown as Parameters<typeof startDescribing>[0];
    const roster = { entries: () => [...spaces.keys()].map(entryOf).values(), find: entryOf };
    describer = startDescribing(deps, {
      roster: roster as unknown as Parameters<typeof startDescribing>[1]['roster'],
      queue: { isRunning: () => false },
      isInTrouble: () => false,
    });
    await time.pass(0);
    describer.look(1);
    await time.pass(60_000);
    expect([waiting, opened]).toEqual([new Set([1]), ['lab']]);

    spaces.set(1, settingsOf('jm'));
    await time.pass(60_000);
    expect([waiting, opened]).toEqual([new Set(), ['lab', 'jm']]);
  });
});
