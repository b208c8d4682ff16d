import { expect, it } from 'vitest';
import { configure, type IndexUnderTest } from '../../contract/index-under-test.js';
import { makeSqliteIndex } from '../temporary-index.js';

/** More than are filed in one transaction. */
const SPACES = 5_001;
const users = Array.from({ length: SPACES }, (_, at) => `user${at}`);

async function withDueSpaces(use: (index: IndexUnderTest & { close(): Promise<void> }) => Promise<void>) {
  const index = await makeSqliteIndex();
  try {
    await configure(index, ...users);
    await use(index);
  } finally {
    await index.close();
  }
}

it('files very many due spaces in pieces, between which commits have their turn', () =>
  withDueSpaces(async (index) => {
    const filing = index.spaces.fileDue(index.clock.now);
    const order: string[] = [];
    setImmediate(() => order.push('a commit'));
    const { filed } = await filing.finally(() => order.push('filed'));
    expect(order).toEqual(['a commit', 'filed']);
    expect(new Set(filed.map(({ user }) => user)).size).toBe(SPACES);
    expect((await index.spaces.fileDue(index.clock.now)).filed).toEqual([]);
  }));

it('leaves the rest due if the index is closed meanwhile', () =>
  withDueSpaces(async (index) => {
    const filing = index.spaces.fileDue(index.clock.now);
    await index.close();
    expect((await filing).filed.length).toBeLessThan(SPACES);
  }));
