import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ROOT } from '../../../src/domain/model/path.js';
import { beginsLikeXml, parseCodings } from '../../../src/webdav/multistatus/content-coding.js';
import { DEFAULT_CAPS } from '../../../src/webdav/multistatus/multistatus.js';
import { emptyListing } from '../../support/raw-port.js';
import { startScriptedServer } from '../../support/servers/scripted-server.js';
import { createTestWebdav, failureOf, NEVER, openAt } from '../open-store.js';

const LISTING = Buffer.from(emptyListing('/'));
const EMPTY = gzipSync('');

async function list(coding: string, body: Uint8Array, bytes = DEFAULT_CAPS.bytes) {
  const headers = { 'Content-Encoding': coding };
  const { url } = await startScriptedServer(() => ({ status: 207, headers, body }));
  const webdav = createTestWebdav({ caps: { ...DEFAULT_CAPS, bytes } });
  return await openAt(url, { webdav }).list(ROOT, NEVER);
}

test.for([
  [null, [], []],
  ['identity, IDENTITY', [], []],
  ['', [], []],
  ['""', [], []],
  ['X-GZIP', ['gzip'], []],
  ['gzip, br,deflate', ['deflate', 'br', 'gzip'], []],
  ['none', [], ['none']],
  ['UTF-8 , gzip', ['gzip'], ['utf-8']],
] as const)('Content-Encoding %j', ([header, codings, unknown]) => {
  expect(parseCodings(header)).toEqual({ codings, unknown });
});

test.for([
  ['<', true],
  ['\n<', true],
  ['\ufeff<', true],
  ['{', false],
  ['\u001f\u008b', false],
] as const)('%j begins like XML: %s', ([text, isXml]) => {
  for (const encoding of ['utf8', 'utf16le'] as const) expect(beginsLikeXml(Buffer.from(text, encoding))).toBe(isXml);
  expect(beginsLikeXml(Buffer.from(text, 'utf16le').swap16())).toBe(isXml);
});

test.for([
  ['none', LISTING],
  ['utf-8', LISTING],
  ['identity, identity', LISTING],
  ['""', LISTING],
  ['aws-chunked', LISTING],
  ['none', Buffer.from(`\ufeff\n${LISTING.toString()}`)],
  ['utf-8, gzip', gzipSync(LISTING)],
  ['gzip, gzip', gzipSync(gzipSync(LISTING))],
  ['deflate', deflateSync(LISTING)],
  ['deflate', deflateRawSync(LISTING)],
  ['br', brotliCompressSync(LISTING)],
  ['gzip, br', brotliCompressSync(gzipSync(LISTING))],
] as const)('a listing with Content-Encoding %s is read', async ([coding, body]) => {
  expect((await list(coding, body)).verdict).toEqual({ complete: true });
});

test.for([
  ['none', gzipSync(LISTING), /^Content-Encoding is none; expected gzip, deflate, br or none$/],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), /^Content-Encoding is zstd; /],
  [`x${'y'.repeat(500)}`, Buffer.from('{}'), /^Content-Encoding is xy{39}…; /],
  ['gzip, gzip', gzipSync(LISTING), /^the compressed body can't be read: incorrect header check \(Z_DATA_ERROR\)$/],
  ['deflate', LISTING, /^the compressed body can't be read: .*\(Z_DATA_ERROR\)$/],
  ['br', Buffer.from('\xff\xff\xff\xff', 'latin1'), /^the compressed body can't be read: /],
  ['gzip, gzip, gzip, gzip', gzipSync(LISTING), /^the body is compressed more than 3 times$/],
] as const)('one with Content-Encoding %s that is none fails', async ([coding, body, detail]) => {
  const failed = failureOf(await list(coding, body));
  expect(failed.failure).toBe('malformed');
  expect(failed.detail.replace(/^.* with Depth 1: /, '')).toMatch(detail);
});

test.for([
  ['gzip, gzip', gzipSync(gzipSync(Buffer.concat([LISTING, Buffer.alloc(5_000_000)])))],
  ['gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(Buffer.alloc(5_000_000))))],
  ['gzip, gzip', gzipSync(Buffer.concat(Array.from({ length: 20_000 }, () => EMPTY)))],
] as const)('what grows twice ends at the cap: %s', async ([coding, body]) => {
  expect(failureOf(await list(coding, body, 100_000)).failure).toBe('too-large');
});
