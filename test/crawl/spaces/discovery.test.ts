import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createRoster, type Roster } from '../../../src/crawl/spaces/space-roster.js';
import { compileExclusions, USUAL_EXCLUSIONS } from '../../../src/domain/model/exclusions.js';
import type { SpaceSettings } from '../../../src/domain/model/space.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { createMemoryStorage, type MemoryStorage } from '../../support/memory-store.js';

const A = 'http://a.test/';
const B = 'http://b.test/';
const signal = new AbortController().signal;

/** Two discoveries with a storage and credentials each, on one index. */
function scene(configured: readonly SpaceSettings[] = []) {
  const ports = createMemoryIndex(() => 1_000);
  const stores = new Map([A, B].map((url) => [url, createMemoryStorage()]));
  const at = (url: string) => stores.get(url) as MemoryStorage;
  const lines: { level: number; msg: string }[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const authOf = (url: string) => ({ type: 'basic', username: 'svc', password: `of ${url}` }) as const;
  const start = async (urls: readonly string[] = [A, B]): Promise<Roster> => {
    const roster = createRoster({
      spaces: configured,
      discoveries: urls.map((url) => ({ url, auth: authOf(url) })),
      isExcluded: compileExclusions(USUAL_EXCLUSIONS),
      rules: 'rules',
      registry: ports.spaces,
      catalogue: ports.catalogue,
      storage: { open: ({ url }) => at(url), childUrl: (url, name) => `${url}${encodeURIComponent(name)}/` },
      clock: () => 1_000,
      logger,
    });
    await roster.register();
    return roster;
  };
  const warnings = () => lines.filter(({ level }) => level >= 40).map(({ msg }) => msg);
  return { ports, a: at(A), b: at(B), start, warnings, authOf };
}

/** `user url`, each with the password that goes there. */
const placesOf = (roster: Roster) =>
  [...roster.entries()]
    .map(({ space, settings: { user, url, auth } }) => {
      expect(space.url).toBe(url);
      return `${user} ${url}${auth.type === 'basic' ? ` ${auth.password}` : ''}`;
    })
    .sort((a, b) => (a < b ? -1 : 1));

describe('a name that two discoveries find', () => {
  it('stays with the first one, also when that fails, comes back, and behind a restart, and is told once', async () => {
    const { a, b, start, warnings } = scene();
    a.mkdir('dora');
    b.mkdir('dora');
    b.mkdir('lab');
    const expected = [`dora ${A}dora/ of ${A}`, `lab ${B}lab/ of ${B}`];
    const roster = await start();
    for (const failure of [null, 'unreachable', null] as const) {
      a.fail('', failure);
      await roster.discover(signal);
      expect(placesOf(roster)).toEqual(expected);
    }
    a.fail('', 'forbidden');
    const restarted = await start();
    expect(placesOf(restarted)).toEqual(expected);
    await restarted.discover(signal);
    expect(placesOf(restarted)).toEqual(expected);
    const collision = `"dora" is also found at ${B}dora/, which is not indexed: ${A}dora/ was first.`;
    expect(warnings().filter((line) => line.startsWith(collision))).toHaveLength(2);
    expect(warnings().filter((line) => line.startsWith('discovery failed'))).toHaveLength(2);
    expect(restarted.report().warnings).toEqual([expect.stringContaining(collision)]);
  });

  it('is not handed to one that has it later, wherever that stands in the configuration', async () => {
    const { a, b, start } = scene();
    b.mkdir('dora');
    const roster = await start();
    await roster.discover(signal);
    a.mkdir('dora');
    await roster.discover(signal);
    expect(placesOf(roster)).toEqual([`dora ${B}dora/ of ${B}`]);
    expect(placesOf(await start([B, A]))).toEqual([`dora ${B}dora/ of ${B}`]);
    expect(placesOf(await start([A, B]))).toEqual([`dora ${B}dora/ of ${B}`]);
  });

  it('stays where it was when it is gone there, and says so', async () => {
    const { a, b, start } = scene();
    for (const store of [a, b]) store.mkdir('dora');
    a.mkdir('jm');
    const roster = await start();
    await roster.discover(signal);
    a.remove('dora');
    await roster.discover(signal);
    for (let i = 0; i < 2; i++) {
      expect(placesOf(roster)).toEqual([`dora ${A}dora/ of ${A}`, `jm ${A}jm/ of ${A}`]);
      expect(roster.report().warnings).toEqual([expect.stringContaining(`"dora" is also found at ${B}dora/`)]);
      await roster.discover(signal);
    }
  });

  it('is the configuration’s where that names it, at its own place alone', async () => {
    const own = { user: 'dora', url: 'http://own.test/', auth: { type: 'none' }, watchDirectory: null } as const;
    const { a, start, warnings } = scene([own]);
    a.mkdir('dora');
    const roster = await start();
    await roster.discover(signal);
    expect(placesOf(roster)).toEqual(['dora http://own.test/']);
    expect(warnings()).toEqual([expect.stringContaining('is the one that the configuration names')]);
  });
});

describe('a folder that is renamed in case or Unicode form alone', () => {
  /** Takes any spelling of what it lists. */
  const takesAllSpellings = (store: MemoryStorage) => {
    const { probe } = store;
    store.probe = async (path, asked) => {
      const key = path.normalize('NFC').toLowerCase();
      const { collections } = await store.list('' as typeof path, asked);
      const same = collections.find((each) => each.path.normalize('NFC').toLowerCase() === key);
      return await probe(same?.path ?? path, asked);
    };
  };

  it.each([
    ['jm', 'JM'],
    ['k\u00e4the', 'ka\u0308the'],
  ])('stays one user, %j, on a storage that takes both spellings', async (before, after) => {
    const { a, start, warnings } = scene();
    takesAllSpellings(a);
    a.mkdir(before);
    const roster = await start([A]);
    await roster.discover(signal);
    a.remove(before);
    a.mkdir(after);
    for (const each of [roster, await start([A])]) {
      await each.discover(signal);
      await each.discover(signal);
      expect(each.users()).toEqual([before]);
    }
    expect(warnings()).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining(`the user remains "${before}"`)),
    );
  });

  it('is another user where the storage tells them apart', async () => {
    const { a, start } = scene();
    a.mkdir('jm');
    const roster = await start([A]);
    await roster.discover(signal);
    a.mkdir('JM');
    await roster.discover(signal);
    expect([...roster.users()].toSorted()).toEqual(['JM', 'jm']);
    a.remove('jm');
    await roster.discover(signal);
    expect(roster.users()).toEqual(['JM']);
  });

  it('is no second user beside one that the configuration names', async () => {
    const own = { user: 'jm', url: `${A}jm/`, auth: { type: 'none' }, watchDirectory: null } as const;
    const { a, start } = scene([own]);
    takesAllSpellings(a);
    a.mkdir('JM');
    const roster = await start([A]);
    await roster.discover(signal);
    expect(roster.users()).toEqual(['jm']);
  });
});

describe('a discovery', () => {
  it('makes no users of bins and snapshots, and takes those away that it made before', async () => {
    const { ports, a, start } = scene();
    for (const name of ['jm', 'lost+found', '#recycle', '@eaDir', '.snapshot', '.Trash-1000']) a.mkdir(name);
    await ports.spaces.configure([{ user: 'lost+found', url: `${A}lost%2Bfound/` }], 'rules', 1_000);
    const list = a.list;
    const isExcluded = compileExclusions(USUAL_EXCLUSIONS);
    a.list = async (path, asked) => {
      const listing = await list(path, asked);
      return { ...listing, collections: listing.collections.filter((each) => !isExcluded(each.path)) };
    };
    const roster = await start([A]);
    await roster.discover(signal);
    expect(roster.users()).toEqual(['jm']);
    expect(roster.report().warnings).toEqual([]);
  });

  it('keeps users whose entry has an error, takes the others, and says whom it could not take', async () => {
    const { a, start } = scene();
    a.mkdir('jm');
    const roster = await start([A]);
    await roster.discover(signal);
    a.mkdir('lab');
    const list = a.list;
    a.list = async (path, asked) => {
      const listing = await list(path, asked);
      const collections = listing.collections.filter((each) => each.path !== 'jm');
      const guarded = ['jm', 'shut'].map((name) => ({ path: name as typeof path, status: 403 }));
      return { ...listing, collections, guarded };
    };
    await roster.discover(signal);
    expect([...roster.users()].toSorted()).toEqual(['jm', 'lab']);
    expect(roster.report().warnings).toEqual([
      `${A}: 1 of its entries have an error of their own and are not taken for users until it is gone: "shut"`,
    ]);
  });

  it('believes at the second look that many are gone, and never that all are', async () => {
    const { a, start } = scene();
    const users = Array.from({ length: 40 }, (_, i) => `u${i}`);
    for (const user of users) a.mkdir(user);
    const roster = await start([A]);
    await roster.discover(signal);
    for (const user of users.slice(0, 30)) a.remove(user);
    await roster.discover(signal);
    expect(roster.users()).toHaveLength(40);
    expect(roster.report().warnings).toEqual([expect.stringContaining('30 of its 40 users are gone at once')]);
    await roster.discover(signal);
    expect(roster.users()).toHaveLength(10);
    for (const user of users.slice(30)) a.remove(user);
    for (let look = 0; look < 3; look++) await roster.discover(signal);
    expect(roster.users()).toHaveLength(10);
  });

  it('tells that it failed, with the reason, and that it works again', async () => {
    const { a, start } = scene();
    a.mkdir('jm');
    a.fail('', 'forbidden');
    const roster = await start([A]);
    await roster.discover(signal);
    expect(roster.report().discoveries).toEqual([{ url: A, users: 0, trouble: expect.any(String) }]);
    a.fail('', null);
    await roster.discover(signal);
    expect(roster.report().discoveries).toEqual([{ url: A, users: 1, trouble: null }]);
  });
});
