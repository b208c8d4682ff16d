import { expect, test } from 'vitest';
import { totalsOf } from '../../src/cli/sync-progress.js';
import { NO_COUNTS } from '../../src/domain/sync.js';

test('adds up spaces; what is expected counts until more is known', () => {
  const first = {
    user: 'a',
    counts: { ...NO_COUNTS, collections: 3, failures: 1, images: 7 },
    waiting: 2,
    expected: 50,
  };
  const second = { user: 'b', counts: { ...NO_COUNTS, collections: 10, images: 1 }, waiting: 5, expected: null };
  expect(totalsOf([])).toEqual({ spaces: 0, images: 0, listed: 0, collections: 0 });
  expect(totalsOf([first, second])).toEqual({ spaces: 2, images: 8, listed: 14, collections: 65 });
});
