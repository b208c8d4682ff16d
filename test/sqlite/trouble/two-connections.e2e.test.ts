import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '../../../src/sqlite/file/database.js';
import { ALL, begin, commit, configure, LEASE_MS, listing } from '../../contract/index-under-test.js';
import { runModule } from '../child-process.js';
import { makeSqliteIndex, portsOf } from '../temporary-index.js';

let index: Awaited<ReturnType<typeof makeSqliteIndex>>;
let second: ReturnType<typeof openDatabase>;
beforeEach(async () => {
  index = await makeSqliteIndex();
  second = openDatabase(index.file);
  await configure(index, 'jm');
});
afterEach(async () => {
  second.close();
  await index.close();
});

it('shows to a reader whole commits only, while another process writes', async () => {
  let isWriting = true;
  const writing = runModule('rewrite-images.ts', index.file).finally(() => {
    isWriting = false;
  });
  const sizeOfRevision = new Map<number, number | null>();
  const read = async () => {
    const { space, images } = (await index.catalogue.images('jm', ALL)) ?? { space: { revision: -1 }, images: [] };
    const sizes = [...new Set(images.map(({ sizeBytes }) => sizeBytes))];
    expect([0, 100]).toContain(images.length);
    expect(sizes).toHaveLength(images.length === 0 ? 0 : 1);
    sizeOfRevision.set(space.revision, sizes[0] ?? null);
  };
  while (isWriting) {
    await read();
    await setImmediate();
  }
  await writing;
  await read();
  for (const [revision, size] of sizeOfRevision) expect(size ?? 0).toBe(revision);
  expect(sizeOfRevision.get(300)).toBe(300);
});

it('gives the lease of a space to one connection at a time', async () => {
  const other = portsOf(second, () => index.clock.now);
  const { lease } = await begin(index, 'jm');
  expect(await other.syncs.claim({ owner: 'other', leaseMs: LEASE_MS })).toBeNull();
  index.clock.now += LEASE_MS;
  const taken = await other.syncs.claim({ owner: 'other', leaseMs: LEASE_MS });
  expect(taken).toMatchObject({ isResumed: true, lease: { syncId: lease.syncId, owner: 'other' } });
  await expect(commit(index, lease, listing('', ['x.ova']))).rejects.toMatchObject({ code: 'conflict' });
  expect((await other.catalogue.images('jm', ALL))?.images).toEqual([]);
});

it('lets nobody take the lease away between its check and the writing', async () => {
  const { lease } = await begin(index, 'jm');
  second.pragma('busy_timeout = 0');
  const other = portsOf(second, () => index.clock.now);
  let cancelling: Promise<boolean> | null = null;
  // A commit reads the clock inside its transaction.
  const interrupted = portsOf(index.db, () => {
    if (index.db.inTransaction) {
      cancelling ??= other.syncs.cancel(lease.syncId);
      cancelling.catch(() => undefined);
    }
    return index.clock.now;
  });
  const counts = await commit({ ...index, ...interrupted }, lease, listing('', ['x.ova']));
  expect(counts).toEqual({ added: 1, altered: 0, removed: 0 });
  await expect(cancelling).rejects.toMatchObject({ code: 'index', message: expect.stringContaining('SQLITE_BUSY') });
});

it('sees at one connection what the other has committed', async () => {
  const other = portsOf(second, () => index.clock.now);
  const { lease } = await begin(index, 'jm');
  await commit(index, lease, listing('', ['x.ova']));
  expect(await other.catalogue.images('jm', ALL)).toEqual(await index.catalogue.images('jm', ALL));
});
