import { expect, test } from 'vitest';
import { totalsOf } from '../../../src/cli/reports/sync-progress.js';
import { NO_COUNTS, type Sync } from '../../../src/domain/model/sync.js';

const running = (changes: Partial<Sync>): Sync => ({
  id: 1,
  taskId: '5012689b-071a-445b-884a-9a9b49873510',
  spaceId: 1,
  user: 'a',
  mode: 'full',
  trigger: 'command',
  requestedBy: null,
  targets: [],
  status: 'IN_PROGRESS',
  createdAt: 0,
  updatedAt: 0,
  startedAt: 0,
  endedAt: null,
  counts: NO_COUNTS,
  waiting: 0,
  expected: null,
  errors: [],
  warnings: [],
  ...changes,
});

test('adds up spaces; what is expected counts until more is known', () => {
  const first = running({
    counts: { ...NO_COUNTS, collections: 3, failures: 1, images: 7, requests: 6 },
    waiting: 2,
    expected: 50,
  });
  const second = running({
    user: 'b',
    counts: { ...NO_COUNTS, collections: 10, images: 1, requests: 10 },
    waiting: 5,
    expected: 12,
  });
  expect(totalsOf([], 2_000)).toMatchObject({ spaces: 0, images: 0, listed: 0, collections: 0, secondsLeft: null });
  expect(totalsOf([first, second], 2_000)).toEqual({
    spaces: 2,
    images: 8,
    requests: 16,
    listed: 14,
    collections: 65,
    perSecond: 7,
    secondsLeft: 23, // 46 more of the first at two a second
  });
});

test('says nothing of the end while a space is crawled for the first time', () => {
  const first = running({ counts: { ...NO_COUNTS, collections: 3 }, waiting: 9 });
  expect(totalsOf([first], 2_000)).toMatchObject({ perSecond: 1.5, secondsLeft: null });
});
