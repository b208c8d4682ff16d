import { describe, expect, it } from 'vitest';
import type { CollectionCommit } from '../../../src/domain/ports/image-index.js';
import { unseenCollection } from '../../../src/domain/reconcile/known-collection.js';
import { placeOf } from '../../../src/sqlite/apart/large-commits.js';
import { at, image, listing, reconcilingIn } from '../../contract/index-under-test.js';
import { reconcileWhole } from '../../support/known-whole.js';

const SYNC = reconcilingIn({ syncId: 1, spaceId: 1, owner: 'worker' });

function commitOf(images: number, more: Partial<CollectionCommit> = {}): CollectionCommit {
  const seen = listing(
    '',
    Array.from({ length: images }, (_, n) => image(`${n}.ova`)),
  );
  const changes = reconcileWhole(seen, { ...unseenCollection(at('')), images: [] }, SYNC);
  if (changes === null) throw new Error('the listing is complete');
  return { changes, toVisit: null, absent: [], unproven: [], present: [], removals: 'apply', ...more };
}

const gone = { absent: [at('a')] };

describe('where a commit is written', () => {
  it.each([
    ['few rows', [commitOf(8)], 'here', 'thread'],
    ['as many as are large', [commitOf(9)], 'thread', 'thread'],
    ['many of several collections', [commitOf(4), commitOf(4)], 'thread', 'thread'],
    ['a huge collection', [commitOf(30_000)], 'here', 'here, after the thread'],
    ['a subtree that is gone', [commitOf(0, gone)], 'here', 'here, after the thread'],
    ['many rows, and a subtree that is gone', [commitOf(20), commitOf(0, gone)], 'here', 'here, after the thread'],
    ['a subtree that may be gone', [commitOf(20, { unproven: [at('a')] })], 'here', 'here, after the thread'],
    ['a subtree that is there after all', [commitOf(20, { present: [at('a')] })], 'here', 'here, after the thread'],
  ] as const)('%s', (_, commits, idle, busy) => {
    expect(placeOf(commits, { largeFrom: 10, isBusy: false })).toBe(idle);
    expect(placeOf(commits, { largeFrom: 10, isBusy: true })).toBe(busy);
  });
});
