import { expect, test } from 'vitest';
import { parseContentRange } from '../../../src/webdav/ranges/content-range.js';

test.each([
  ['bytes 0-31/200', { part: { from: 0, end: 32 }, totalBytes: 200 }],
  [' Bytes 5-5/* ', { part: { from: 5, end: 6 }, totalBytes: null }],
  ['bytes 10000000000-10000000009/20000000000', { part: { from: 1e10, end: 1e10 + 10 }, totalBytes: 2e10 }],
  ['bytes */200', { part: null, totalBytes: 200 }],
  ['bytes 5-4/200', null],
  ['bytes 0-200/200', null],
  ['bytes */*', null],
  ['bytes 0-31', null],
  ['pages 0-31/200', null],
  ['bytes -1-31/200', null],
  ['bytes 0-9999999999999999999/99999999999999999999', null],
  ['', null],
  [null, null],
])('the Content-Range %j is %j', (header, expected) => {
  expect(parseContentRange(header)).toEqual(expected);
});
