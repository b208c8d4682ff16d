import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { createWalKeeper } from '../../../src/sqlite/file/wal.js';
import { createImageIndex } from '../../../src/sqlite/write/image-index.js';
import { begin, commit, configure, image, listing } from '../../contract/index-under-test.js';
import { sizeOf } from '../../support/thorough.js';
import { makeSqliteIndex } from '../temporary-index.js';

const MiB = 1024 * 1024;
const LIMIT = 1 * MiB;
/** Pages of the largest commit here, with what SQLite adds to each. */
const ONE_COMMIT = MiB / 4;
/** Which together write several times as much as the limit. */
const COMMITS = sizeOf(60, 30);

describe('the write-ahead log', () => {
  let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
  let readers: readonly Database[];

  beforeEach(async () => {
    index = await makeSqliteIndex();
    await configure(index, 'jm');
    readers = [1, 2].map(() => openDatabase(index.file, { readonly: true }));
  });
  afterEach(async () => {
    for (const reader of readers) reader.close();
    await index.close();
  });

  const walBytes = () => statSync(`${index.file}-wal`).size;

  /** A crawl of many commits; two readers take turns, so that at no commit's end nobody reads. */
  const crawl = async (commits: number, onCommit?: () => void): Promise<number> => {
    const keeping = { ...index, index: createImageIndex(index.db, () => 1_000, onCommit) };
    const { lease } = await begin(keeping, 'jm');
    let peak = 0;
    readers[0]?.exec('BEGIN; SELECT count(*) FROM images');
    for (let n = 0; n < commits; n++) {
      const images = Array.from({ length: 500 }, (_, i) => image(`${i}.ova`, { sizeBytes: n }));
      const [current, next] = n % 2 === 0 ? readers : [...readers].reverse();
      await commit(keeping, lease, listing('', images));
      next?.exec('BEGIN; SELECT count(*) FROM images');
      current?.exec('COMMIT');
      peak = Math.max(peak, walBytes());
    }
    for (const reader of readers) if (reader.inTransaction) reader.exec('COMMIT');
    return peak;
  };

  it('grows without end beside readers that take turns, if nobody waits for a moment without one', async () => {
    expect(await crawl(COMMITS)).toBeGreaterThan(LIMIT + 2 * ONE_COMMIT);
  });

  it('stays within its limit and a commit beside readers that let go', async () => {
    const keep = createWalKeeper(index.db, LIMIT);
    // What a reader of another thread does within the time that is waited: it comes to its end.
    const onCommit = () => {
      for (const reader of readers) {
        if (!reader.inTransaction || walBytes() < LIMIT) continue;
        reader.exec('COMMIT; BEGIN');
      }
      keep();
    };
    expect(await crawl(COMMITS, onCommit)).toBeLessThanOrEqual(LIMIT + ONE_COMMIT);
  });

  it('makes commits wait once for a reader that stays, and shrinks when it has gone', async () => {
    const keep = createWalKeeper(index.db, LIMIT);
    const { lease } = await begin(index, 'jm');
    const write = (n: number) =>
      commit(
        index,
        lease,
        listing(
          '',
          Array.from({ length: 500 }, (_, i) => image(`${i}.ova`, { sizeBytes: n })),
        ),
      );
    readers[0]?.exec('BEGIN; SELECT count(*) FROM images');
    let n = 1;
    for (; walBytes() < LIMIT; n++) await write(n);
    keep();
    const grown = walBytes();
    await write(n + 1);
    const startedAt = process.cpuUsage();
    for (let i = 0; i < 1_000; i++) keep();
    expect(process.cpuUsage(startedAt).user).toBeLessThan(1_000_000);
    expect(walBytes()).toBeGreaterThanOrEqual(grown);
    readers[0]?.exec('COMMIT');
    for (n += 2; walBytes() > 0 && n < 200; n++) {
      await write(n);
      keep();
    }
    expect(walBytes()).toBeLessThan(LIMIT);
  });
});
