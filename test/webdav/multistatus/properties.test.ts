import { expect, test } from 'vitest';
import {
  kindOf,
  markerOf,
  normaliseEtag,
  parseModified,
  parseSize,
} from '../../../src/webdav/multistatus/properties.js';
import type { MultistatusResponse } from '../../../src/webdav/multistatus/response.js';

const response = (properties: Partial<MultistatusResponse>): MultistatusResponse => ({
  href: '/x',
  status: null,
  failedStatus: null,
  propertyCount: 1,
  resourceType: null,
  isCollection: null,
  contentType: null,
  contentLength: null,
  lastModified: null,
  etag: null,
  permissions: null,
  fileId: null,
  fingerprint: null,
  mountType: null,
  ...properties,
});

test.for([
  ['resourcetype with collection', { resourceType: 'collection' }, 'collection'],
  ['resourcetype without, whatever the slash says', { resourceType: 'other', href: '/x/' }, 'file'],
  ['iscollection 1', { isCollection: '1' }, 'collection'],
  ['iscollection true', { isCollection: ' TRUE ' }, 'collection'],
  ['iscollection 0, whatever the slash says', { isCollection: '0', href: '/x/' }, 'file'],
  ['the content type of a directory', { contentType: 'httpd/unix-directory' }, 'collection'],
  ['a slash', { href: '/x/' }, 'collection'],
  ['properties and no slash', { contentLength: '1' }, 'file'],
  ['no property at all', { propertyCount: 0, href: '/x/' }, 'unknown'],
] as const)('takes %s', ([, properties, kind]) => {
  expect(kindOf(response(properties))).toBe(kind);
});

test.for([
  ['"a-1"', 'a-1'],
  ['W/"a-1"', 'a-1'],
  ['"a-1-gzip"', 'a-1'],
  ['"a-1"-gzip', 'a-1'],
  ['W/"a-1-gzip"', 'a-1'],
  ['3931e594', '3931e594'],
  ['-34d40dd6', '-34d40dd6'],
  ['  "a-1"\n', 'a-1'],
  ['""', null],
  ['', null],
  [null, null],
] as const)('the ETag %j is %j', ([text, etag]) => {
  expect(normaliseEtag(text)).toBe(etag);
});

test.for([
  ['0', 0],
  [' 10 ', 10],
  ['9007199254740', 9_007_199_254_740],
  ['-1', null],
  ['', null],
  ['1.5', null],
  ['99999999999999999999', null],
  [null, null],
] as const)('the size %j is %j', ([text, size]) => {
  expect(parseSize(text)).toBe(size);
});

test('a date that cannot be read is none', () => {
  expect(parseModified('soon')).toBeNull();
  expect(parseModified(null)).toBeNull();
});

test('the marker is the ETag, else the date, else null', () => {
  const lastModified = 'Mon, 23 Nov 2026 20:45:55 GMT';
  expect(markerOf(response({ etag: 'W/"1"', lastModified }))).toBe('etag:1');
  expect(markerOf(response({ etag: '', lastModified }))).toBe(`date:${Date.UTC(2026, 10, 23, 20, 45, 55)}`);
  expect(markerOf(response({}))).toBeNull();
  expect(markerOf(response({ lastModified: 'Thu, 01 Jan 1970 00:00:00 GMT' }))).toBeNull();
});
