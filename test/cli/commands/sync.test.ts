import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { CrawlerHandle, DiscoveryReport } from '../../../src/app/crawler.js';
import { sync } from '../../../src/cli/commands/sync.js';
import { NO_COUNTS, type Sync } from '../../../src/domain/model/sync.js';
import { configFolder } from '../../config/config-folder.js';
import { passFakeTime, useFakeTime, useRealTime } from '../../support/fake-time.js';
import { captureIo } from '../captured-io.js';

afterEach(useRealTime);

const PROCESSED: Sync = {
  id: 1,
  taskId: '5012689b-071a-445b-884a-9a9b49873510',
  spaceId: 1,
  user: 'jm',
  mode: 'full',
  trigger: 'command',
  requestedBy: null,
  targets: [],
  status: 'PROCESSED',
  createdAt: 1_000,
  updatedAt: 4_500,
  startedAt: 2_000,
  endedAt: 4_500,
  counts: { ...NO_COUNTS, collections: 12, images: 34, added: 5, requests: 13 },
  waiting: 0,
  expected: 12,
  errors: [],
  warnings: [],
};
const FAILED: Sync = {
  ...PROCESSED,
  id: 2,
  user: 'lab',
  status: 'ERROR',
  counts: NO_COUNTS,
  errors: ['\u001b[2Jrefused'],
};
const INCOMPLETE: Sync = { ...PROCESSED, counts: { ...PROCESSED.counts, failures: 1 }, warnings: ['a/b: timeout'] };

type SyncNow = CrawlerHandle['syncNow'];

async function runSync(syncNow: SyncNow, options: object = { all: true }, io = captureIo()) {
  const folder = await configFolder({ 'ovadex.yaml': 'data: { directory: x }' });
  const stop = vi.fn(() => Promise.resolve());
  const notAskedFor = () => Promise.reject(new Error('not asked for'));
  const handle: CrawlerHandle = {
    syncNow,
    stop,
    audit: null,
    serve: notAskedFor,
    check: notAskedFor,
    measure: notAskedFor,
    forget: notAskedFor,
    tokens: {
      recordLogIn: notAskedFor,
      createOwn: notAskedFor,
      setDisabled: notAskedFor,
      end: notAskedFor,
      noteUses: notAskedFor,
    },
    links: { put: notAskedFor, find: notAskedFor, list: notAskedFor, remove: notAskedFor },
    catalogue: { space: notAskedFor },
  };
  const code = await sync({ config: join(folder, 'ovadex.yaml'), ...options }, io, async () => handle);
  expect(stop).toHaveBeenCalledOnce();
  return { code, out: io.out(), err: io.err() };
}

const answering =
  (...syncs: readonly Sync[]): SyncNow =>
  () =>
    Promise.resolve(syncs);

describe('ovadex sync', () => {
  test('asks for the users and the mode', async () => {
    const syncNow = vi.fn<SyncNow>(() => Promise.resolve([PROCESSED]));
    await runSync(syncNow, { user: ['jm', 'lab', 'jm'], full: true });
    expect(syncNow.mock.lastCall?.[0]).toMatchObject({ users: ['jm', 'lab'], mode: 'full' });
    await runSync(syncNow);
    expect(syncNow.mock.lastCall?.[0]).toMatchObject({ users: 'all', mode: 'incremental' });
  });

  test.each<[string, readonly Sync[], number]>([
    ['all was processed', [PROCESSED], 0],
    ['there is no space', [], 0],
    ['a storage failed', [PROCESSED, FAILED], 69],
    ['something was left as it was', [INCOMPLETE], 75],
    ['somebody cancelled it', [{ ...PROCESSED, status: 'CANCELLED' }], 75],
    ['both', [INCOMPLETE, FAILED], 69],
  ])('exits by what came of it: %s', async (_case, syncs, expected) => {
    expect((await runSync(answering(...syncs))).code).toBe(expected);
  });

  test('shows a table, and says why a list stays as it was, without the storage steering the terminal', async () => {
    const { out, err } = await runSync(answering(FAILED, PROCESSED));
    const [head, jm, lab] = out.split('\n').map((line) => line.split(/\s{2,}/));
    expect(head).toEqual([
      'USER',
      'RESULT',
      'SEEN',
      'ADDED',
      'CHANGED',
      'DELETED',
      'COLLECTIONS',
      'FAILED',
      'REQUESTS',
      'TIME',
    ]);
    expect(jm).toEqual(['jm', 'complete', '34', '5', '0', '0', '12', '0', '13', '2.5 s']);
    expect(lab?.slice(0, 2)).toEqual(['lab', 'failed']);
    expect(err).toBe(
      'lab: the sync failed, the list stays as it was: \\u{1b}[2Jrefused\n' +
        '2 spaces: 1 complete, 1 failed; images: 5 added, 0 changed, 0 deleted\n',
    );
  });

  test('answers one JSON document', async () => {
    const { out } = await runSync(answering(INCOMPLETE), { all: true, json: true });
    expect(JSON.parse(out)).toEqual({
      syncs: [
        expect.objectContaining({
          id: 1,
          user: 'jm',
          status: 'PROCESSED',
          result: 'incomplete',
          images: 34,
          failures: 1,
          started_on: '1970-01-01T00:00:02Z',
          warnings: ['a/b: timeout'],
        }),
      ],
    });
  });

  const FAILED_DISCOVERY: DiscoveryReport = {
    discoveries: [
      { url: 'http://a.test/', users: 2, trouble: 'answered 405\u001b[2J' },
      { url: 'http://b.test/', users: 1, trouble: null },
    ],
    warnings: ['"dora" is found twice\u0007'],
  };
  const discovering =
    (...syncs: readonly Sync[]): SyncNow =>
    async ({ onDiscovery }) => {
      onDiscovery?.(FAILED_DISCOVERY);
      return syncs;
    };

  test('says which discovery failed and why, and fails with it, whatever became of the known spaces', async () => {
    const { code, out, err } = await runSync(discovering());
    expect(code).toBe(69);
    expect(out).toBe('no spaces are known, nothing to sync\n');
    expect(err).toBe(
      'http://a.test/: the discovery failed, its 2 known users stay: answered 405\\u{1b}[2J\n"dora" is found twice\\u{7}\n',
    );
    expect((await runSync(discovering(PROCESSED))).code).toBe(69);
    const { out: json } = await runSync(discovering(PROCESSED), { all: true, json: true });
    expect(JSON.parse(json)).toMatchObject({
      syncs: [{ user: 'jm' }],
      discoveries: [
        { url: 'http://a.test/', users: 2, error: 'answered 405\u001b[2J' },
        { url: 'http://b.test/', users: 1, error: null },
      ],
      warnings: ['"dora" is found twice\u0007'],
    });
  });

  test('tells whoever names a user of that space alone', async () => {
    expect(await runSync(discovering(PROCESSED), { user: ['jm'] })).toMatchObject({ code: 0, err: '' });
  });

  test('shows progress as lines, and as a bar on a terminal', async () => {
    const syncNow: SyncNow = async ({ onProgress }) => {
      for (const collections of [0, 500, 1000, 1500]) {
        const counts = { ...NO_COUNTS, collections, images: 7, requests: collections };
        onProgress({
          ...PROCESSED,
          startedAt: Date.now() - 10_000,
          counts,
          waiting: 2000 - collections,
          expected: 2000,
        });
      }
      return [PROCESSED];
    };
    expect((await runSync(syncNow)).err.replace(/\d+\/s/g, 'N/s')).toBe(
      'jm: 0 of 2,000 collections, 7 images, 0 requests, N/s\n' +
        'jm: 1,000 of 2,000 collections, 7 images, 1,000 requests, N/s, 0:10 left\n',
    );
    const { err } = await runSync(syncNow, { all: true }, captureIo({ isTTY: true }));
    expect(err).toMatch(/75% {2}1500\/2000 collections {2}7 images {2}1500 requests {2}\d+\/s, 0:04 left {2}jm/);
  });

  const thousands: readonly Sync[] = Array.from({ length: 5_000 }, (_, i) => {
    const user = `u${String(i).padStart(4, '0')}`;
    if (i % 100 === 0) return { ...FAILED, id: i + 1, user };
    return i % 1_000 === 1 ? { ...INCOMPLETE, id: i + 1, user } : { ...PROCESSED, id: i + 1, user };
  });
  const crawlThousands: SyncNow = async ({ onChosen, onProgress, onEnded }) => {
    onChosen?.(thousands.length);
    for (const sync of thousands) {
      onProgress({ ...sync, status: 'IN_PROGRESS' });
      onEnded?.(sync);
    }
    return thousands;
  };

  test('of thousands of spaces tells those with trouble, no more than can be read, and a sum', async () => {
    const { out, err, code } = await runSync(crawlThousands);
    expect(code).toBe(69);
    const rows = out.trimEnd().split('\n');
    expect(rows).toHaveLength(21);
    expect(rows.slice(1).every((row) => /^u\d{4} {2}(failed|incomplete) /.test(row))).toBe(true);
    const lines = err.trimEnd().split('\n');
    expect(lines).toHaveLength(22);
    expect(lines.at(-2)).toMatch(/^and 35 more spaces with trouble/);
    expect(lines.at(-1)).toBe(
      '5,000 spaces: 4,945 complete, 5 incomplete, 50 failed; images: 24,750 added, 0 changed, 0 deleted',
    );
  });

  test('tells all of them on request', async () => {
    const { out, err } = await runSync(crawlThousands, { all: true, verbose: true });
    expect(out.trimEnd().split('\n')).toHaveLength(5_001);
    expect(err.trimEnd().split('\n')).toHaveLength(56);
  });

  test('counts spaces on a terminal where there are several, and stands at the end only at their end', async () => {
    useFakeTime(0);
    const io = captureIo({ isTTY: true });
    const syncNow: SyncNow = async (options) => {
      options.onChosen?.(4);
      for (const [at, sync] of thousands.slice(1, 4).entries()) {
        options.onProgress({ ...sync, status: 'IN_PROGRESS', waiting: 0 });
        options.onEnded?.(sync);
        expect(io.err()).not.toContain('100%');
        await passFakeTime(at === 2 ? 0 : 120); // the bar is drawn ten times a second
      }
      options.onEnded?.(thousands[4] as Sync);
      return thousands.slice(1, 5);
    };
    const { err } = await runSync(syncNow, { all: true }, io);
    expect(err).toMatch(/100% {2}4\/4 spaces {2}136 images {2}52 requests/);
  });

  test('ends cleanly at SIGINT, with 130', async () => {
    const io = captureIo();
    const syncNow: SyncNow = ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve([{ ...PROCESSED, status: 'IN_PROGRESS', endedAt: null }]));
        io.process.emit('SIGINT');
      });
    const { code, out, err } = await runSync(syncNow, { all: true }, io);
    expect(code).toBe(130);
    expect(out).toContain('interrupted');
    expect(err).toContain('the next sync continues');
    expect(io.process.eventNames()).toEqual([]);
  });

  test('ends cleanly when the crawler gives up by an AbortError', async () => {
    const io = captureIo();
    const syncNow: SyncNow = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        io.process.emit('SIGTERM');
      });
    expect((await runSync(syncNow, { all: true }, io)).code).toBe(143);
  });

  test('passes on what goes wrong', async () => {
    await expect(runSync(() => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
  });

  test.each([[{}], [{ all: true, user: ['jm'] }]])('wants either a user or all: %j', async (options) => {
    const create = vi.fn();
    await expect(sync({ config: 'unread', ...options }, captureIo(), create)).rejects.toMatchObject({ code: 'usage' });
    expect(create).not.toHaveBeenCalled();
  });
});
