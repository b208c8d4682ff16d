import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import { BROTLI_QUALITY, type Coding, chooseCoding } from '../reply/coding.js';
import type { HttpContext } from '../reply/context.js';
import { SYNCED_HEADER, TOTAL_HEADER } from '../reply/paging.js';
import { answerStream, type HeaderRecord, secondsSpent } from '../reply/reply.js';
import { byteStream } from './byte-stream.js';
import type { OpenList } from './cache.js';

/** Sends a long list as it is read, with the validators of the revision being read. */
export async function sendStream(
  c: HttpContext,
  open: () => Promise<OpenList>,
  validators: HeaderRecord,
): Promise<Response> {
  const coding = chooseCoding(c.req.header('accept-encoding'));
  const coded: HeaderRecord = coding === 'identity' ? {} : { 'Content-Encoding': coding };
  if (c.req.method === 'HEAD') return answerStream(c, null, { ...validators, ...coded });
  const list = await open();
  const source = encode(
    list.text(() => secondsSpent(c)),
    coding,
  );
  const body = byteStream(source, () => c.env?.outgoing?.destroy());
  const { 'Last-Modified': _older, [TOTAL_HEADER]: _another, ...others } = validators;
  // Whether it can be dated depends on the clock, and its count isn't known; if the revision has changed, the next
  // answer does both.
  const dated: HeaderRecord = list.etag === validators['ETag'] ? validators : others;
  const synced: HeaderRecord = list.syncedOn === '' ? {} : { [SYNCED_HEADER]: list.syncedOn };
  return answerStream(c, body, { ...dated, ETag: list.etag, ...synced, ...coded });
}

/** Encodes the text, and ends it if the stream is abandoned. */
async function* encode(text: AsyncGenerator<string, void>, coding: Coding): AsyncGenerator<Uint8Array, void> {
  if (coding === 'identity') {
    for await (const part of text) yield Buffer.from(part);
    return;
  }
  const encoder =
    coding === 'gzip'
      ? createGzip()
      : createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });
  const done = pipeline(Readable.from(text, { highWaterMark: 1 }), encoder);
  done.catch(() => undefined); // the reader of the encoder gets the same error
  for await (const chunk of encoder) yield chunk as Uint8Array;
  await done;
}
