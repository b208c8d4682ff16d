import { expect, test } from 'vitest';
import { NO_BREAKS, waitBeforeResuming } from '../../../src/webdav/ranges/resuming.js';

test.each([
  [{ inAll: 1, inARow: 1 }, 250],
  [{ inAll: 3, inARow: 3 }, 1_000],
  [{ inAll: 100, inARow: 1 }, 250],
  [{ inAll: 5, inARow: 5 }, null],
  [{ inAll: 200, inARow: 1 }, null],
  [{ inAll: 2, inARow: 1, fromStart: 2 }, 250],
  [{ inAll: 3, inARow: 1, fromStart: 3 }, null],
])('after breaks %o a download goes on in %s ms', (breaks, waitMs) => {
  expect(waitBeforeResuming({ ...NO_BREAKS, ...breaks }, () => 1)).toBe(waitMs);
});

test('half of each wait is random', () => {
  expect(waitBeforeResuming({ inAll: 1, inARow: 1, fromStart: 0 }, () => 0)).toBe(125);
});
