import { once } from 'node:events';
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { OvadexError } from '../../../src/domain/model/errors.js';
import { createLargeCommits } from '../../../src/sqlite/apart/large-commits.js';
import { createWritingThread, type WritingThread } from '../../../src/sqlite/apart/writing-thread.js';
import { describeImageIndex } from '../../contract/image-index.js';
import { begin, commit, configure, end, listing, shown, spaceOf } from '../../contract/index-under-test.js';
import { isThorough } from '../../support/thorough.js';
import { makeSqliteIndex } from '../temporary-index.js';
import { beginFromSource } from './from-source.js';

const begun: Worker[] = [];
const beginThread = () => {
  const worker = beginFromSource();
  begun.push(worker);
  return worker;
};
const shared = createWritingThread(beginThread);
afterAll(() => Promise.all(begun.map((worker) => worker.terminate())));

/** An index whose commits from so many rows on are written by the thread. */
async function makeIndex(largeFrom = 0, thread: WritingThread = shared) {
  const index = await makeSqliteIndex();
  const here = vi.fn(index.index.commit);
  const clock = () => index.clock.now;
  const commits = createLargeCommits(index.db, {
    here: { commit: here },
    clock,
    replicated: false,
    largeFrom,
    thread,
  });
  const close = async () => {
    await commits.close();
    await index.close();
  };
  return { ...index, index: { ...index.index, commit: commits.commit }, here, close };
}

// What a commit does is the same wherever it is done.
describeImageIndex('SQLite, commits by a thread', () => makeIndex());

const names = (count: number, of = 'x') => Array.from({ length: count }, (_, i) => `${of}${i}.ova`);

describe('large commits', () => {
  let index: Awaited<ReturnType<typeof makeIndex>>;
  const use = async (...options: Parameters<typeof makeIndex>) => {
    index = await makeIndex(...options);
    await configure(index, 'jm');
    return (await begin(index, 'jm')).lease;
  };
  afterEach(() => index.close());

  it('are those of many rows; small ones are written where they are', async () => {
    const lease = await use(10);
    expect(await commit(index, lease, listing('', names(8), ['a']))).toMatchObject({ added: 8 });
    expect(index.here).toHaveBeenCalledTimes(0);
    expect(
      await commit(
        index,
        lease,
        listing(
          'a',
          names(8).map((name) => `a/${name}`),
        ),
      ),
    ).toMatchObject({ added: 8 });
    expect(index.here).toHaveBeenCalledTimes(1);
    expect(await shown(index, 'jm')).toHaveLength(16);
  });

  it('are not those of a huge collection, of which the thread would have a copy', async () => {
    const lease = await use(10);
    expect(await commit(index, lease, listing('', names(30_000)))).toMatchObject({ added: 30_000 });
    expect(index.here).toHaveBeenCalledTimes(1);
  });

  it('have those after them written there, too, until they are done, in their order', async () => {
    const lease = await use(10);
    const inOrder: string[] = [];
    const large = commit(index, lease, listing('', names(2_000), ['a'])).then(() => inOrder.push('large'));
    await vi.waitFor(() => expect(begun.length).toBeGreaterThan(0));
    const small = commit(index, lease, listing('a', ['a/y.ova'])).then(() => inOrder.push('small'));
    await Promise.all([large, small]);
    expect(inOrder).toEqual(['large', 'small']);
    expect(index.here).toHaveBeenCalledTimes(0);
    expect(await spaceOf(index, 'jm')).toMatchObject({ images: 2_001, revision: 2 });
    await commit(index, lease, listing('b', ['b/y.ova']));
    expect(index.here).toHaveBeenCalledTimes(1);
  });

  it('are dated by the clock of whoever has them written', async () => {
    const lease = await use();
    index.clock.now = 77_000;
    await commit(index, lease, listing('', ['x.ova']));
    expect(index.db.prepare('SELECT created_at FROM images').pluck().all()).toEqual([77_000]);
  });

  it('are refused without the lease, by the error of any commit', async () => {
    const lease = await use();
    await end(index, lease);
    const refused = commit(index, lease, listing('', ['x.ova']));
    await expect(refused).rejects.toThrow(OvadexError);
    await expect(refused).rejects.toMatchObject({ code: 'conflict' });
  });

  it.each(isThorough ? [0, 4, 8, 16, 32] : [0, 8])(
    'are written here if the thread ends %i ms after, without an answer',
    async (ms) => {
      const thread = createWritingThread(beginThread);
      const lease = await use(0, thread);
      await commit(index, lease, listing('', [], ['a']));
      const worker = begun.at(-1) as Worker;
      const post = worker.postMessage.bind(worker);
      vi.spyOn(worker, 'postMessage').mockImplementation((told) => {
        post(told);
        if (ms === 0) void worker.terminate();
        else setTimeout(() => void worker.terminate(), ms);
      });
      await commit(index, lease, listing('', names(3_000), ['a']));
      // At once is before the thread has even taken it.
      if (ms === 0) expect(index.here).toHaveBeenCalledTimes(1);
      expect(await spaceOf(index, 'jm')).toMatchObject({ images: 3_000 });
      expect(await shown(index, 'jm')).toHaveLength(3_000);
      await worker.terminate();

      const calls = index.here.mock.calls.length;
      await commit(index, lease, listing('b', ['b/x.ova']));
      expect(index.here).toHaveBeenCalledTimes(calls);
      expect(begun.at(-1)).not.toBe(worker);
    },
  );

  it.each([
    ['of another version of the program', () => beginFromSource('0.0.1')],
    [
      'that can’t begin',
      () => {
        throw new Error('no more threads');
      },
    ],
  ])('are written here with a thread %s', async (_, begin) => {
    const lease = await use(0, createWritingThread(begin));
    expect(await commit(index, lease, listing('', ['x.ova']))).toMatchObject({ added: 1 });
    expect(index.here).toHaveBeenCalledTimes(1);
  });

  it('are told apart from those of whole subtrees, which nobody could write beside', async () => {
    const lease = await use(0);
    await commit(index, lease, listing('', [], ['a']));
    await commit(
      index,
      lease,
      listing(
        'a',
        names(5).map((name) => `a/${name}`),
      ),
    );
    const large = commit(
      index,
      lease,
      listing(
        'b',
        names(2_000).map((name) => `b/${name}`),
      ),
    );
    expect(await commit(index, lease, listing('', []))).toMatchObject({ removed: 5 });
    expect(index.here).toHaveBeenCalledTimes(1);
    await large;
    expect(await spaceOf(index, 'jm')).toMatchObject({ images: 2_000 });
  });

  it('start another thread after one that has ended while it had nothing to do', async () => {
    const thread = createWritingThread(beginThread, 10);
    const lease = await use(0, thread);
    await commit(index, lease, listing('', ['x.ova']));
    const [code] = await once(begun.at(-1) as Worker, 'exit');
    expect(code).toBe(0);
    await commit(index, lease, listing('', ['x.ova', 'y.ova']));
    expect(await shown(index, 'jm')).toEqual(['x.ova', 'y.ova']);
  });

  it('go to no other file that has taken the name of the index or of its log, and make none', async () => {
    const lease = await use();
    const elsewhere = `${index.file}.elsewhere`;
    renameSync(index.file, elsewhere);
    await expect(commit(index, lease, listing('', ['x.ova']))).rejects.toMatchObject({ code: 'index' });
    expect(existsSync(index.file)).toBe(false);

    copyFileSync(elsewhere, index.file);
    await expect(commit(index, lease, listing('', ['x.ova']))).rejects.toMatchObject({ code: 'index' });
    rmSync(index.file);
    renameSync(elsewhere, index.file);
    const log = `${index.file}-wal`;
    renameSync(log, `${log}.elsewhere`);
    await expect(commit(index, lease, listing('', ['x.ova']))).rejects.toMatchObject({ code: 'index' });
    expect(existsSync(log)).toBe(false);
    renameSync(`${log}.elsewhere`, log);
    expect(await commit(index, lease, listing('', ['x.ova']))).toMatchObject({ added: 1 });
  });

  it('of two indexes of a process go to each its own', async () => {
    const lease = await use();
    const other = await makeIndex();
    await configure(other, 'jm');
    const { lease: its } = await begin(other, 'jm');
    await Promise.all([
      commit(index, lease, listing('', ['x.ova'])),
      commit(other, its, listing('', ['y.ova'])),
      commit(index, lease, listing('a', ['a/z.ova'])),
    ]);
    expect(await shown(index, 'jm')).toEqual(['x.ova', 'a/z.ova']);
    expect(await shown(other, 'jm')).toEqual(['y.ova']);
    await other.close();
  });
});
