import { describe, expect, it } from 'vitest';
import { createRoster } from '../../../src/crawl/spaces/space-roster.js';
import type { SpaceSettings } from '../../../src/domain/model/space.js';
import { createMemoryIndex } from '../../support/memory-index/memory-index.js';
import { createMemoryStorage } from '../../support/memory-store.js';
import { quietLogger } from '../../support/quiet-logger.js';

const ROOT_URL = 'http://127.0.0.1/';
const AUTH = { type: 'basic', username: 'svc', password: 'secret' } as const;
const signal = new AbortController().signal;

function scene(spaces: readonly SpaceSettings[] = []) {
  const ports = createMemoryIndex(() => 1_000);
  const storage = createMemoryStorage();
  const create = () =>
    createRoster({
      spaces,
      discoveries: [{ url: ROOT_URL, auth: AUTH }],
      rules: 'rules',
      registry: ports.spaces,
      catalogue: ports.catalogue,
      storage: { open: () => storage, childUrl: (url, name) => `${url}${encodeURIComponent(name)}/` },
      clock: () => 1_000,
      logger: quietLogger,
    });
  return { ports, storage, create };
}

describe('a roster that is changed while it registers what was found', () => {
  it('registers the change afterwards, whatever the index takes first', async () => {
    const { ports, storage, create } = scene();
    storage.mkdir('jm');
    const roster = create();
    await roster.register();
    const { configure } = ports.spaces;
    const held: (() => void)[] = [];
    ports.spaces.configure = async (...asked) => {
      await new Promise<void>((resolve) => held.push(resolve));
      return await configure(...asked);
    };
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    const found = roster.discover(signal);
    await settled();
    const own = { user: 'kim', url: 'http://127.0.0.2/own/', auth: { type: 'none' }, watchDirectory: null } as const;
    const changed = roster.reconfigure({ spaces: [own], discoveries: roster.discoveries() });
    // The later one is let go first, as a database may do that has both at once.
    for (let turn = 0; turn < 3; turn++) {
      await settled();
      held.pop()?.();
    }
    expect(await found).toEqual(['jm']);
    await changed;
    expect(roster.users().toSorted()).toEqual(['jm', 'kim']);
    expect((await ports.catalogue.listSpaces()).spaces.map(({ user }) => user).toSorted()).toEqual(['jm', 'kim']);
  });
});

describe('a roster with a discovery', () => {
  it('has a space for every collection directly below, with the discovery’s credentials', async () => {
    const { storage, create } = scene();
    storage.mkdir('jm/images');
    storage.mkdir('käthe');
    storage.put('stray.ova');
    const roster = create();
    await roster.register();
    expect(await roster.discover(signal)).toEqual(expect.arrayContaining(['jm', 'käthe']));
    expect([...roster.entries()].map(({ settings }) => settings)).toEqual(
      expect.arrayContaining([
        { user: 'jm', url: `${ROOT_URL}jm/`, auth: AUTH, watchDirectory: null },
        { user: 'käthe', url: `${ROOT_URL}k%C3%A4the/`, auth: AUTH, watchDirectory: null },
      ]),
    );
    expect(roster.users()).toHaveLength(2);
  });

  it('names only the new ones the next time', async () => {
    const { storage, create } = scene();
    storage.mkdir('jm');
    const roster = create();
    await roster.register();
    await roster.discover(signal);
    storage.mkdir('lab');
    expect(await roster.discover(signal)).toEqual(['lab']);
  });

  it('prefers what the configuration says of the same user', async () => {
    const own = { user: 'jm', url: 'http://127.0.0.2/own/', auth: { type: 'none' }, watchDirectory: null } as const;
    const { storage, create } = scene([own]);
    storage.mkdir('jm');
    const roster = create();
    await roster.register();
    await roster.discover(signal);
    expect([...roster.entries()].map(({ settings }) => settings)).toEqual([own]);
  });

  it('remembers after a restart what was found, without asking, and keeps it while the storage is down', async () => {
    const { ports, storage, create } = scene();
    storage.mkdir('jm');
    const before = create();
    await before.register();
    await before.discover(signal);

    const roster = create();
    await roster.register();
    expect(roster.users()).toEqual(['jm']);
    storage.fail('', 'unreachable');
    expect(await roster.discover(signal)).toEqual([]);
    expect(roster.users()).toEqual(['jm']);
    expect((await ports.catalogue.listSpaces()).spaces).toHaveLength(1);
  });

  it('drops a space only when it answers that it is gone, and none when all are', async () => {
    const { ports, storage, create } = scene();
    for (const user of ['jm', 'kim', 'lab']) storage.mkdir(user);
    const roster = create();
    await roster.register();
    await roster.discover(signal);

    storage.remove('lab');
    storage.fail('lab', 'forbidden');
    await roster.discover(signal);
    expect(roster.users()).toContain('lab');
    storage.fail('lab', null);
    await roster.discover(signal);
    expect(roster.users()).not.toContain('lab');
    expect(await ports.catalogue.space('lab')).toBeNull();

    for (const user of ['jm', 'kim']) storage.remove(user);
    await roster.discover(signal);
    expect([...roster.users()].sort((a, b) => (a < b ? -1 : 1))).toEqual(['jm', 'kim']);
  });
});

describe('a roster of a host that follows another one', () => {
  const at = (user: string, host = '127.0.0.1'): SpaceSettings => ({
    user,
    url: `http://${host}/${user}/`,
    auth: { type: 'none' },
    watchDirectory: null,
  });
  const rosterOf = (ports: ReturnType<typeof createMemoryIndex>, spaces: readonly SpaceSettings[], leads: boolean) =>
    createRoster({
      ...{ spaces, discoveries: [], rules: 'rules', registry: ports.spaces, catalogue: ports.catalogue },
      storage: { open: () => createMemoryStorage(), childUrl: (url, name) => `${url}${name}/` },
      lead: () => (leads ? { holder: 'leader', term: 1 } : null),
      clock: () => 1_000,
      logger: quietLogger,
    });

  it('crawls what the leader has registered and its own configuration has at the same place, and changes nothing', async () => {
    const ports = createMemoryIndex(() => 1_000);
    const leader = rosterOf(ports, [at('ada'), at('bob'), at('eve')], true);
    await leader.register();
    const follower = rosterOf(ports, [at('ada'), at('bob', '127.0.0.2'), at('zoe')], false);
    await follower.register();
    expect(follower.users()).toEqual(['ada']);
    expect(follower.settings().map(({ user }) => user)).toEqual(['ada']);
    expect(follower.strangers()).toHaveLength(2);
    const { spaces } = await ports.catalogue.listSpaces();
    expect(spaces.map(({ user, url }) => [user, url])).toEqual(
      ['ada', 'bob', 'eve'].map((user) => [user, at(user).url]),
    );
  });

  it('follows what the leader registers later, once that is news', async () => {
    const ports = createMemoryIndex(() => 1_000);
    await rosterOf(ports, [at('ada')], true).register();
    const follower = rosterOf(ports, [at('ada'), at('bob')], false);
    await follower.register();
    expect(await follower.follow()).toBe(false);
    await rosterOf(ports, [at('ada'), at('bob')], true).register();
    expect(await follower.follow()).toBe(true);
    expect(follower.users()).toEqual(['ada', 'bob']);
  });
});
