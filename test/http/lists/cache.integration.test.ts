import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_SORT, IMAGE_LIST } from '../../../src/domain/lists/image-list.js';
import { OvadexError } from '../../../src/domain/model/errors.js';
import type { Space } from '../../../src/domain/model/space.js';
import { createStaleServing } from '../../../src/domain/policy/stale-serving.js';
import { createListCache, type ListAnswer } from '../../../src/http/lists/cache.js';
import { JSON_FORM as form } from '../../../src/http/lists/render.js';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { createChanges, createImageCatalogue } from '../../../src/sqlite/read/image-catalogue.js';
import { IMAGE_COLUMNS, imageToJson } from '../../../src/wire/image.js';
import { begin, commit, configure, listing } from '../../contract/index-under-test.js';
import { makeSqliteIndex } from '../../sqlite/temporary-index.js';
import { createApiScene } from '../api-scene.js';

const query = { nameContains: [], sort: DEFAULT_SORT };
/** What every scene here has. */
const WITH = {
  grammar: IMAGE_LIST,
  itemOf: imageToJson,
  columns: IMAGE_COLUMNS,
  inEffect: { syncIntervalMs: 1e15 },
  longLists: null,
};
const links = () => ({ base: 'http://a', self: 'http://a/v2/image' });

const textOf = async (answer: Awaited<ReturnType<ReturnType<typeof createListCache>>>): Promise<string> => {
  const list = answer as ListAnswer;
  const start = await list.start('identity');
  return `${start.content}${start.complete?.(list.end(0)) ?? list.end(0)}`;
};
const namesIn = (text: string) => (JSON.parse(text) as { data: { name: string }[] }).data.map(({ name }) => name);

async function createScene() {
  const scene = createApiScene();
  for (const user of ['jm', 'lab']) await scene.addSpace(user);
  await scene.sync('jm', ['a.ova', 'b.ova']);
  await scene.sync('lab', ['theirs.ova']);
  const { catalogue } = scene.index;
  const images = vi.spyOn(catalogue, 'images');
  const space = vi.spyOn(catalogue, 'space');
  const answer = createListCache({ ...WITH, catalogue, clock: () => Date.now() });
  const ask = (stamp: number, user = 'jm', url = '/', nameContains: readonly string[] = []) =>
    answer({ user, url, stamp, links, form, parse: () => ({ query: { ...query, nameContains }, ignored: [] }) });
  const names = async (...asked: Parameters<typeof ask>) => namesIn(await textOf(await ask(...asked)));
  return { scene, images, space, answer, ask, names };
}

/** A list that was prepared under stamp 1, of an index that can be away. */
async function awayScene() {
  const { scene } = await createScene();
  const { catalogue } = scene.index;
  const index: { isAway: boolean; ageMs: number } = { isAway: false, ageMs: 0 };
  const orAway = <T>(read: () => Promise<T>): Promise<T> =>
    index.isAway ? Promise.reject(new OvadexError('index', 'the database can not be reached at present')) : read();
  const stale = createStaleServing(
    { isAway: () => index.isAway, briefly: (read) => read(), ageOf: () => index.ageMs, mayHaveEnded: () => false },
    { atMostMs: 1_000 },
  );
  const reading = {
    space: (user: string) => orAway(() => catalogue.space(user)),
    images: (...of: Parameters<typeof catalogue.images>) => orAway(() => catalogue.images(...of)),
  };
  const answer = createListCache({ ...WITH, catalogue: reading, clock: () => Date.now(), stale });
  const ask = async (stamp: number, more: Partial<Parameters<typeof answer>[0]> = {}) =>
    (await answer({
      user: 'jm',
      url: '/',
      stamp,
      links,
      form,
      parse: () => ({ query, ignored: [] }),
      ...more,
    })) as ListAnswer;
  await ask(1);
  await ask(1);
  return { scene, index, stale, ask, before: await ask(1) };
}

describe('a prepared list of an index that is away', () => {
  it('is given as stale under an ETag of its own, with no date of its change, never again and counted', async () => {
    const { index, stale, ask, before } = await awayScene();
    index.isAway = true;
    const given = await ask(2);
    expect(JSON.parse(await textOf(given))).toMatchObject({ meta: { index: { state: 'stale' } } });
    expect(namesIn(await textOf(given))).toEqual(['a.ova', 'b.ova']);
    expect(given.etag).toBe(before.etag.replace(/-fresh"$/, '-stale"'));
    expect([given.changedAt, given.modified, given.isKnown, given.isUnasked]).toEqual([null, '', false, true]);
    expect(given.syncedOn).toBe(before.syncedOn);
    expect(stale?.served()).toBe(1);
  });

  it('is what it was before, once the index is back and nobody has written', async () => {
    const { index, ask, before } = await awayScene();
    index.isAway = true;
    await ask(2);
    index.isAway = false;
    expect((await ask(3)).etag).toBe(before.etag);
  });

  it('is the new one, once the index is back and somebody has written', async () => {
    const { scene, index, ask } = await awayScene();
    index.isAway = true;
    await ask(2);
    await scene.sync('jm', ['c.ova']);
    index.isAway = false;
    expect(namesIn(await textOf(await ask(3)))).toEqual(['a.ova', 'b.ova', 'c.ova']);
  });

  it.each([
    ['to a client that was told a later one', { isBehind: () => true }],
    ['to a client that may have been', { mayBeBehind: () => true }],
    ['in place of another', { url: '/other' }],
  ])('is not given %s', async (_, more) => {
    const { index, ask } = await awayScene();
    index.isAway = true;
    await expect(ask(2, more)).rejects.toMatchObject({ code: 'index' });
  });

  it('is not given for longer than is configured', async () => {
    const { index, ask } = await awayScene();
    index.isAway = true;
    index.ageMs = 1_000;
    await ask(2);
    index.ageMs = 1_001;
    await expect(ask(3)).rejects.toMatchObject({ code: 'index' });
  });
});

describe('a prepared list', () => {
  it('is kept from the second time on: while nobody writes nothing is read, and only its space while the revision stands', async () => {
    const { images, space, names } = await createScene();
    expect(await names(1)).toEqual(['a.ova', 'b.ova']);
    expect(await names(1)).toEqual(['a.ova', 'b.ova']);
    space.mockClear();
    expect(await names(1)).toEqual(['a.ova', 'b.ova']);
    expect(space).not.toHaveBeenCalled();
    expect(await names(2)).toEqual(['a.ova', 'b.ova']);
    expect(space).toHaveBeenCalledTimes(1);
    expect(images).toHaveBeenCalledTimes(2);
  });

  it('is never given after a commit', async () => {
    const { scene, names } = await createScene();
    await names(1);
    await scene.sync('jm', ['c.ova']);
    expect(await names(2)).toEqual(['a.ova', 'b.ova', 'c.ova']);
  });

  it('is read anew for a client who was told more of it by another host, before the news of that has come', async () => {
    const { scene, images, ask, answer } = await createScene();
    const told = async (isBehind: (revision: number) => boolean) => {
      const parse = () => ({ query, ignored: [] });
      const behind = (space: Space | null) => isBehind(space?.revision ?? 0);
      return namesIn(
        await textOf(await answer({ user: 'jm', url: '/', stamp: 1, links, form, parse, isBehind: behind })),
      );
    };
    await ask(1);
    await ask(1);
    const { revision = 0 } = (await scene.index.catalogue.space('jm')) ?? {};
    await scene.sync('jm', ['c.ova']);
    images.mockClear();
    expect(await told((known) => known < revision)).toEqual(['a.ova', 'b.ova']);
    expect(images).not.toHaveBeenCalled();
    expect(await told((known) => known <= revision)).toEqual(['a.ova', 'b.ova', 'c.ova']);
  });

  it.each([
    ['that is prepared', '/'],
    ['of another query', '/?name='],
  ])('is not read from the memory of the index for such a client (%s)', async (_, url) => {
    const { scene } = await createScene();
    const { catalogue } = scene.index;
    const before = await catalogue.images('jm', query);
    const remembering = {
      space: catalogue.space,
      images: async (...of: Parameters<typeof catalogue.images>) =>
        of[3] === undefined ? await catalogue.images(...of) : before,
    };
    const answer = createListCache({ ...WITH, catalogue: remembering, clock: () => Date.now() });
    const parse = () => ({ query, ignored: [] });
    const asked = { user: 'jm', stamp: 1, links, form, parse };
    for (const _time of [1, 2]) await answer({ ...asked, url: '/' });
    await scene.sync('jm', ['c.ova']);
    const told = (await catalogue.space('jm'))?.revision ?? 0;
    const isBehind = (space: Space | null) => (space?.revision ?? 0) < told;
    expect(namesIn(await textOf(await answer({ ...asked, url })))).toEqual(['a.ova', 'b.ova']);
    expect(namesIn(await textOf(await answer({ ...asked, url, isBehind })))).toEqual(['a.ova', 'b.ova', 'c.ova']);
  });

  it('belongs to its user and address', async () => {
    const { names } = await createScene();
    expect(await names(1)).toEqual(['a.ova', 'b.ova']);
    expect(await names(1, 'lab')).toEqual(['theirs.ova']);
    expect(await names(1, 'jm', '/?name=b', ['b'])).toEqual(['b.ova']);
  });

  it('has another tag after a commit, with another address, and in another state', async () => {
    const { scene, ask } = await createScene();
    const tag = async (...asked: Parameters<typeof ask>) => ((await ask(...asked)) as ListAnswer).etag;
    const first = await tag(1);
    expect(await tag(2)).toBe(first);
    const others = [await tag(2, 'jm', '/?name='), await tag(2, 'lab')];
    await scene.sync('jm', ['c.ova']);
    others.push(await tag(3));
    expect(new Set([first, ...others]).size).toBe(4);
    expect(first).toMatch(/^W\/"[\w-]+-fresh"$/);
  });

  it('differs in its time alone', async () => {
    const { ask } = await createScene();
    const list = (await ask(1)) as ListAnswer;
    expect(list.end(0.001234567)).toMatch(/"time":"0\.00123s"\}\}$/);
  });
});

it('never goes back while a crawler commits, and always is one revision’s truth', async () => {
  const index = await makeSqliteIndex();
  await configure(index, 'jm');
  const reader = openDatabase(index.file, { readonly: true });
  const catalogue = createImageCatalogue(reader);
  const changes = createChanges(reader);
  const answer = createListCache({ ...WITH, catalogue, clock: () => 0 });
  const { lease } = await begin(index, 'jm');
  const truth = new Map<number, readonly string[]>([[0, []]]);
  let names: string[] = [];
  let last = 0;
  let seen = 0;

  for (let round = 1; round <= 200; round++) {
    names = round % 3 === 0 ? names.slice(1) : [...names, `image ${round}.ova`];
    await commit(index, lease, listing('', names));
    truth.set(round, names);
    for (let n = 0; n < 4; n++) {
      const stamp = changes.current();
      const parse = () => ({ query, ignored: [] });
      const found = (await answer({ user: 'jm', url: '/', stamp, links, form, parse })) as ListAnswer;
      const revision = Number(/-(\d+)-\w+-\w+"$/.exec(found.etag)?.[1]);
      expect(revision).toBe(round);
      expect(revision).toBeGreaterThanOrEqual(last);
      expect(new Set(namesIn(await textOf(found)))).toEqual(new Set(truth.get(revision)));
      last = revision;
      seen += 1;
    }
  }
  expect(seen).toBe(800);
  reader.close();
  await index.close();
});
