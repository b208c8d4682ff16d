import { expect, test } from 'vitest';
import { whyAnother } from '../../../src/domain/description/seen-again.js';

const SEEN = { sizeBytes: 5, modifiedAt: Date.UTC(2026, 0, 1), etag: 'a' };

test.each([
  ['the same', SEEN, null],
  ['gone', undefined, 'it is gone'],
  ['larger', { ...SEEN, sizeBytes: 6 }, 'it has 6 bytes by now; 5 were expected'],
  [
    'of another date',
    { ...SEEN, modifiedAt: SEEN.modifiedAt - 1_000 },
    'it was modified at 2025-12-31T23:59:59.000Z; expected was 2026-01-01T00:00:00.000Z',
  ],
  ['of another ETag', { ...SEEN, etag: 'b' }, 'its ETag has changed'],
  ['of which nothing is said', { sizeBytes: null, modifiedAt: null, etag: null }, null],
])('a file that is listed again is %s', (_what, now, why) => {
  expect(whyAnother(SEEN, now)).toBe(why);
});
