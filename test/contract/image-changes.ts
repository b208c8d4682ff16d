import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DescribedImage } from '../../src/domain/description/short-description.js';
import { readPoint, writePoint } from '../../src/domain/lists/change-point.js';
import type { Listing } from '../../src/domain/model/listing.js';
import type { ListChanges } from '../../src/domain/ports/image-changes.js';
import { sizeOf } from '../support/thorough.js';
import {
  ALL,
  at,
  begin,
  commit,
  configure,
  end,
  type IndexUnderTest,
  image,
  listing,
  type MakeIndex,
  syncOnce,
} from './index-under-test.js';

/** An index that can be copied, and replaced with its copy by a command or by hand. */
export interface RestorableIndex extends IndexUnderTest {
  backUp(): Promise<void>;
  restore(how: 'command' | 'by hand'): Promise<void>;
}

/** Somebody who keeps a copy of a list by its changes. */
interface Reader {
  readonly copy: Map<number, DescribedImage>;
  since: string | null;
}

const newReader = (): Reader => ({ copy: new Map(), since: null });

/** Reads some changes like a client; returns what it was told, or null if it has to begin anew. */
async function read(index: IndexUnderTest, reader: Reader, limit: number, user = 'jm'): Promise<ListChanges | null> {
  const since = reader.since === null ? null : readPoint(reader.since);
  const told = await index.catalogue.changes(user, { since, limit });
  if ('gone' in told) {
    reader.copy.clear();
    reader.since = null;
    return null;
  }
  expect(told.changed.length + told.removed.length).toBeLessThanOrEqual(limit);
  for (const each of told.changed) reader.copy.set(each.id, each);
  for (const { id } of told.removed) reader.copy.delete(id);
  reader.since = writePoint(told.next);
  return told;
}

/** Reads until nothing is left, and holds the copy against the list. */
async function readAll(index: IndexUnderTest, reader: Reader, limit = 2, user = 'jm'): Promise<void> {
  for (let told = await read(index, reader, limit, user); told === null || told.hasMore; ) {
    told = await read(index, reader, limit, user);
  }
  expect(await copyOf(reader)).toEqual(await listOf(index, user));
}

const byId = (a: { readonly id: number }, b: { readonly id: number }) => a.id - b.id;
const copyOf = async ({ copy }: Reader) => [...copy.values()].sort(byId);
const listOf = async (index: IndexUnderTest, user: string) =>
  [...((await index.catalogue.images(user, ALL))?.images ?? [])].sort(byId);

export function describeImageChanges(name: string, make: MakeIndex): void {
  describe(`image changes: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      await configure(index, 'jm');
    });
    afterEach(() => index.close());

    const tell = async (since: string | null, limit = 100) => {
      const told = await index.catalogue.changes('jm', { since: since === null ? null : readPoint(since), limit });
      if ('gone' in told) return told.gone;
      const changed = told.changed.map(({ path }) => path);
      const removed = told.removed.map(({ path }) => `-${path}`);
      return { told: [...changed, ...removed], next: writePoint(told.next), hasMore: told.hasMore };
    };
    const next = async (since: string | null = null): Promise<string> => {
      const told = await tell(since);
      if (typeof told === 'string') throw new Error(told);
      return told.next;
    };

    it('tells all images without a point, and then what appears, changes and goes, each once', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova', 'z.ova']));
      const first = await tell(null);
      expect(first).toMatchObject({ told: ['x.ova', 'y.ova', 'z.ova'], hasMore: false });
      const since = await next();
      expect(await tell(since)).toEqual({ told: [], next: since, hasMore: false });
      index.clock.now = 5_000;
      await syncOnce(index, 'jm', listing('', [image('y.ova', { sizeBytes: 7 }), 'z.ova', 'new.ova']));
      await syncOnce(index, 'jm', listing('', [image('y.ova', { sizeBytes: 8 }), 'z.ova', 'new.ova']));
      expect(await tell(since)).toMatchObject({ told: ['new.ova', 'y.ova', '-x.ova'], hasMore: false });
      const told = await index.catalogue.changes('jm', { since: readPoint(since), limit: 9 });
      expect(told).toMatchObject({
        space: { user: 'jm' },
        changed: [{ name: 'new.ova' }, { name: 'y.ova', sizeBytes: 8 }],
        removed: [{ id: expect.any(Number), path: 'x.ova', removedAt: 5_000 }],
      });
    });

    it('goes on in the middle of a commit, whatever is committed meanwhile', async () => {
      const reader = newReader();
      await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova', 'c.ova', 'd.ova']));
      expect(await read(index, reader, 2)).toMatchObject({ hasMore: true });
      await syncOnce(index, 'jm', listing('', ['b.ova', image('c.ova', { sizeBytes: 1 }), 'e.ova']));
      expect(await read(index, reader, 2)).toMatchObject({ hasMore: true });
      await readAll(index, reader);
    });

    it('tells a new reader of no removal from before, and one that is reading of each', async () => {
      await syncOnce(index, 'jm', listing('', ['a.ova', 'b.ova', 'c.ova']));
      await syncOnce(index, 'jm', listing('', ['b.ova', 'c.ova']));
      const reader = newReader();
      const first = await read(index, reader, 1);
      expect(first).toMatchObject({ changed: [{ path: 'b.ova' }], removed: [], hasMore: true });
      await syncOnce(index, 'jm', listing('', ['c.ova']));
      expect(await read(index, reader, 9)).toMatchObject({
        changed: [{ path: 'c.ova' }],
        removed: [{ path: 'b.ova' }],
      });
      await readAll(index, reader);
    });

    it('tells an image that returns, with its id', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
      const reader = newReader();
      await readAll(index, reader);
      const before = await copyOf(reader);
      await syncOnce(index, 'jm', listing('', ['y.ova']));
      await readAll(index, reader);
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
      await readAll(index, reader);
      expect((await copyOf(reader)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    });

    it('tells what a whole folder takes with it, and the new paths of one that is renamed', async () => {
      const reader = newReader();
      await syncOnce(
        index,
        'jm',
        listing('', ['x.ova'], ['a', 'c']),
        listing('a', ['a/y.ova']),
        listing('c', ['c/z.ova']),
      );
      await readAll(index, reader);
      const { lease } = await begin(index, 'jm');
      await index.index.rename(lease, at('a'), at('b'));
      await readAll(index, reader);
      expect((await copyOf(reader)).map(({ path }) => path)).toContain('b/y.ova');
      await commit(index, lease, listing('', ['x.ova'], ['b']));
      expect(await read(index, reader, 9)).toMatchObject({ changed: [], removed: [{ path: 'c/z.ova' }] });
      await readAll(index, reader);
    });

    it('tells what is gone once, whatever becomes of the folder that it was in', async () => {
      const reader = newReader();
      await syncOnce(index, 'jm', listing('', [], ['a']), listing('a', ['a/x.ova', 'a/y.ova']));
      await syncOnce(index, 'jm', listing('a', ['a/y.ova']));
      await readAll(index, reader);
      const { lease } = await begin(index, 'jm');
      await index.index.rename(lease, at('a'), at('b'));
      expect(await read(index, reader, 9)).toMatchObject({ changed: [{ path: 'b/y.ova' }], removed: [] });
      await end(index, lease);
    });

    it('tells that an image has become settled', async () => {
      const { lease } = await begin(index, 'jm');
      const askedAt = 1_000_000;
      const seen = { ...listing('', [image('x.ova', { modifiedAt: askedAt }), 'y.ova'], [], 'etag:1'), askedAt };
      await commit(index, lease, seen);
      const since = await next();
      index.clock.now += 60_000;
      await commit(index, lease, seen);
      expect(await tell(since)).toMatchObject({ told: ['x.ova'] });
    });

    it('cannot go on from before a removal that is forgotten', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
      const before = await next();
      const half = await tell(null, 1);
      await syncOnce(index, 'jm', listing('', ['y.ova']));
      const after = await next();
      index.clock.now += 1_000;
      await index.maintenance.forgetMissing(index.clock.now, new AbortController().signal);
      expect(await tell(before)).toBe('forgotten');
      expect(await tell(typeof half === 'string' ? null : half.next)).toBe('forgotten');
      expect(await tell(after)).toMatchObject({ told: [] });
      expect(await tell(null)).toMatchObject({ told: ['y.ova'] });
    });

    it('goes on over runs that have ended, and not over one that has not', async () => {
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      const unserved = await next();
      await index.runs.begin(1);
      expect(await tell(unserved)).toBe('other-history');
      const since = await next();
      await index.runs.end(2);
      await index.runs.begin(3);
      expect(await tell(since)).toMatchObject({ told: [] });
      await syncOnce(index, 'jm', listing('', ['x.ova', 'y.ova']));
      expect(await tell(since)).toMatchObject({ told: ['y.ova'] });
      await index.runs.begin(4);
      expect(await tell(since)).toBe('other-history');
    });

    it('begins with nothing for a user without a space, and ends with a space that is left out', async () => {
      await configure(index, 'lab');
      const none = await next();
      await configure(index, 'jm', 'lab');
      await syncOnce(index, 'jm', listing('', ['x.ova']));
      expect(await tell(none)).toMatchObject({ told: ['x.ova'] });
      const since = await next(none);
      await configure(index, 'lab');
      expect(await tell(since)).toBe('other-space');
      expect(await tell(null)).toMatchObject({ told: [] });
      await configure(index, 'jm', 'lab');
      expect(await tell(since)).toMatchObject({ told: [] });
    });

    it("shows nobody another's images, nor takes another's points", async () => {
      await configure(index, 'jm', 'lab');
      await syncOnce(index, 'lab', listing('', ['theirs.ova']));
      await syncOnce(index, 'jm', listing('', ['mine.ova']));
      expect(await tell(null)).toMatchObject({ told: ['mine.ova'] });
      const theirs = await index.catalogue.changes('lab', { since: null, limit: 9 });
      expect('gone' in theirs ? null : await tell(writePoint(theirs.next))).toBe('other-space');
    });

    it('keeps a copy that is exactly the list through any history', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(operation(['restart', 'crash']), { maxLength: 30 }), async (operations) => {
          const own = await make();
          try {
            await live(own, operations, () => Promise.reject(new Error('nothing is restored here')));
          } finally {
            await own.close();
          }
        }),
        { numRuns: sizeOf(200, 5) },
      );
    }, 180_000);
  });
}

/** The same with copies of the index that take its place. */
export function describeRestoredChanges(name: string, make: () => Promise<RestorableIndex>): void {
  describe(`image changes of an index that is restored: ${name}`, () => {
    it.each(['command', 'by hand'] as const)('cannot go on after that: %s', async (how) => {
      const index = await make();
      try {
        await configure(index, 'jm');
        await index.runs.begin(1);
        await syncOnce(index, 'jm', listing('', ['x.ova']));
        const reader = newReader();
        await readAll(index, reader);
        await index.runs.end(2);
        await index.backUp();
        await index.runs.begin(3);
        await index.runs.end(4);
        await index.restore(how);
        await index.runs.begin(5);
        expect(await read(index, reader, 9)).toBeNull();
        await readAll(index, reader);
      } finally {
        await index.close();
      }
    });

    it('keeps a copy that is exactly the list through any history', async () => {
      const kinds = ['restart', 'crash', 'back up', 'restore', 'put back'] as const;
      await fc.assert(
        fc.asyncProperty(fc.array(operation(kinds), { maxLength: 30 }), async (operations) => {
          const index = await make();
          try {
            let hasBackup = false;
            await live(index, operations, async (kind) => {
              if (kind === 'back up') {
                await index.backUp();
                hasBackup = true;
                return false;
              }
              if (hasBackup) await index.restore(kind === 'restore' ? 'command' : 'by hand');
              return hasBackup;
            });
          } finally {
            await index.close();
          }
        }),
        { numRuns: sizeOf(100, 5) },
      );
    }, 180_000);
  });
}

type Kept = 'back up' | 'restore' | 'put back';
type Event = 'restart' | 'crash' | Kept;
type Write =
  | { readonly do: 'list'; readonly collection: '' | 'a' | 'b'; readonly images: readonly (number | null)[] }
  | { readonly do: 'show' }
  | { readonly do: 'rename' };
type Operation =
  | Write
  | { readonly do: 'forget' }
  | { readonly do: Event }
  | { readonly do: 'read'; readonly reader: number; readonly limit: number };

const NAMES = ['p.ova', 'q.ova', 'r.ovf'];

function operation(events: readonly Event[]): fc.Arbitrary<Operation> {
  const list = fc.record({
    do: fc.constant('list' as const),
    collection: fc.constantFrom('' as const, 'a' as const, 'b' as const),
    // The size of each image; null: it isn't there.
    images: fc.array(fc.option(fc.integer({ min: 1, max: 3 })), { minLength: NAMES.length, maxLength: NAMES.length }),
  });
  const reading = fc.record({
    do: fc.constant('read' as const),
    reader: fc.integer({ min: 0, max: 2 }),
    limit: fc.integer({ min: 1, max: 4 }),
  });
  const others = fc
    .constantFrom('show', 'rename', 'forget', 'forget', 'forget', ...events)
    .map((kind) => ({ do: kind }) as Operation);
  return fc.oneof({ weight: 4, arbitrary: list }, { weight: 4, arbitrary: reading }, { weight: 2, arbitrary: others });
}

/** Lives through a history with three readers, whose copies are held against the list whenever they have read all. */
async function live(
  index: IndexUnderTest,
  operations: readonly Operation[],
  keep: (kind: Kept) => Promise<boolean>,
): Promise<void> {
  const readers = [newReader(), newReader(), newReader()];
  await configure(index, 'jm');
  await index.runs.begin(1);
  for (const each of operations) {
    index.clock.now += 1_000;
    if (each.do === 'read') {
      const reader = readers[each.reader] ?? newReader();
      const told = await read(index, reader, each.limit);
      if (told?.hasMore === false) expect(await copyOf(reader)).toEqual(await listOf(index, 'jm'));
    } else if (each.do === 'restart' || each.do === 'crash') {
      if (each.do === 'restart') await index.runs.end(index.clock.now);
      await index.runs.begin(index.clock.now);
    } else if (each.do === 'forget') {
      await index.maintenance.forgetMissing(index.clock.now, new AbortController().signal);
    } else if (each.do === 'list' || each.do === 'show' || each.do === 'rename') {
      await write(index, each);
    } else if (await keep(each.do)) {
      await index.runs.begin(index.clock.now);
      for (const reader of readers) if (reader.since !== null) expect(await read(index, reader, 1)).toBeNull();
    }
  }
  for (const reader of readers) await readAll(index, reader);
}

async function write(index: IndexUnderTest, each: Write) {
  const { lease } = await begin(index, 'jm');
  if (each.do === 'show') {
    await index.index.show(lease, [image('a/s.ova'), image('t.ova')], new Set([at('t.ova')]));
  } else if (each.do === 'rename') {
    await index.index.rename(lease, at('a'), at('b'));
  } else {
    await commit(index, lease, listed(each));
  }
  await end(index, lease);
}

function listed({ collection, images }: Extract<Write, { do: 'list' }>): Listing {
  const path = (file: string) => (collection === '' ? file : `${collection}/${file}`);
  const found = NAMES.flatMap((file, i) => {
    const sizeBytes = images[i] ?? null;
    return sizeBytes === null ? [] : [image(path(file), { sizeBytes })];
  });
  // The root shows no folder, one or both: each goes with all that it holds.
  return listing(collection, found, collection === '' ? ['a', 'b'].slice(0, found.length) : []);
}
