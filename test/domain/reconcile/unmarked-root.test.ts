import { expect, test } from 'vitest';
import { isUnmarkedEmptyRoot } from '../../../src/domain/reconcile/unmarked-root.js';

const DATE = 1_700_000_000_000;

test.each([
  ['another user of Nextcloud: neither ETag nor date', 0, null, null, false, true],
  [
    'Nextcloud, an app password without file access: an empty ETag, the time of the answer',
    0,
    'date',
    DATE,
    true,
    true,
  ],
  ['the same without a date', 0, null, null, true, true],
  ['an empty space on Nextcloud', 0, 'etag', DATE, true, false],
  ['an empty space on a server with dates alone', 0, 'date', DATE, false, false],
  ['an empty space on a server with ETags alone', 0, 'etag', null, false, false],
  ['an empty space on MEGA, whose collections are of 1970', 0, null, 0, false, false],
  ['a server without markers that shows something', 1, null, null, false, false],
  ['an ownCloud without ETags that shows something', 1, 'date', DATE, true, false],
])('%s', (_name, memberCount, kind, modifiedAt, mayPropagate, expected) => {
  const marker = kind === null ? null : `${kind}:${kind === 'date' ? DATE : 'abc'}`;
  expect(isUnmarkedEmptyRoot({ memberCount, marker, modifiedAt, mayPropagate })).toBe(expected);
});
