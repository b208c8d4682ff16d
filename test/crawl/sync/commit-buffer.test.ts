import { describe, expect, it } from 'vitest';
import { createCommitBuffer } from '../../../src/crawl/sync/commit-buffer.js';
import type { CollectionCommit, CommitCounts } from '../../../src/domain/ports/image-index.js';

const LEASE = { syncId: 1, spaceId: 1, owner: 'test' };
const commitOf = (appeared: number, siblings = 0) =>
  ({
    changes: {
      appeared: Array.from({ length: appeared }),
      altered: [],
      disappeared: [],
      siblings: siblings === 0 ? null : Array.from({ length: siblings }),
    },
  }) as unknown as CollectionCommit;

function scene(commit: (size: number) => Promise<void> = async () => {}) {
  const sizes: number[] = [];
  const counted: CommitCounts[] = [];
  const buffer = createCommitBuffer(
    {
      commit: async (_, commits) => {
        sizes.push(commits.length);
        await commit(commits.length);
        return { added: commits.length, altered: 0, removed: 0 };
      },
    },
    LEASE,
    (counts) => counted.push(counts),
  );
  return { buffer, sizes, counted };
}

describe('the commit buffer', () => {
  it('brings 1,024 collections into one transaction', async () => {
    const { buffer, sizes, counted } = scene();
    for (let i = 0; i < 1_023; i++) await buffer.add(commitOf(1));
    expect(sizes).toEqual([]);
    await buffer.add(commitOf(1));
    expect(sizes).toEqual([1_024]);
    expect(counted).toEqual([{ added: 1_024, altered: 0, removed: 0 }]);
  });

  it('commits a huge collection at once, with what waits', async () => {
    const { buffer, sizes } = scene();
    await buffer.add(commitOf(1));
    await buffer.add(commitOf(4_998));
    expect(sizes).toEqual([]);
    await buffer.add(commitOf(1));
    expect(sizes).toEqual([3]);
  });

  it('commits at once when many files are beside the images of what waits', async () => {
    const { buffer, sizes } = scene();
    await buffer.add(commitOf(1, 10_000));
    await buffer.add(commitOf(1, 9_999));
    expect(sizes).toEqual([]);
    await buffer.add(commitOf(1, 1));
    expect(sizes).toEqual([3]);
  });

  it('commits what waits when it is told to, once, and nothing where nothing waits', async () => {
    const { buffer, sizes } = scene();
    await buffer.flush();
    await buffer.add(commitOf(1));
    await Promise.all([buffer.flush(), buffer.flush()]);
    expect(sizes).toEqual([1]);
  });

  it('takes more while it commits, and rejects as the index does', async () => {
    let fail: (error: Error) => void = () => {};
    const { buffer, sizes, counted } = scene(() => new Promise((_, reject) => (fail = reject)));
    await buffer.add(commitOf(1));
    const first = buffer.flush();
    await buffer.add(commitOf(1));
    fail(new Error('the lease is lost'));
    await expect(first).rejects.toThrow('the lease is lost');
    expect([sizes, counted]).toEqual([[1], []]);
  });

  it('has written all that was added once it is told to, also what it was writing already, in the order of its coming', async () => {
    const ends: (() => void)[] = [];
    const { buffer, sizes, counted } = scene(() => new Promise((resolve) => ends.push(resolve)));
    await buffer.add(commitOf(1));
    const byTheClock = buffer.flush();
    await buffer.add(commitOf(1));
    await buffer.add(commitOf(1));
    let isWritten = false;
    const atTheEnd = buffer.flush().then(() => {
      isWritten = true;
    });
    const nothingWaits = buffer.flush();
    await new Promise((resolve) => setImmediate(resolve));
    expect([sizes, isWritten]).toEqual([[1], false]);
    ends.shift()?.();
    await byTheClock;
    await new Promise((resolve) => setImmediate(resolve));
    expect([sizes, isWritten]).toEqual([[1, 2], false]);
    ends.shift()?.();
    await Promise.all([atTheEnd, nothingWaits]);
    expect(counted.map(({ added }) => added)).toEqual([1, 2]);
  });

  it('writes nothing more once something was lost', async () => {
    const { buffer, sizes } = scene(() => Promise.reject(new Error('the lease is lost')));
    await buffer.add(commitOf(1));
    const first = buffer.flush();
    await buffer.add(commitOf(1));
    await expect(Promise.all([first, buffer.flush()])).rejects.toThrow('the lease is lost');
    await expect(buffer.flush()).rejects.toThrow('the lease is lost');
    expect(sizes).toEqual([1]);
  });
});
