import { promisify } from 'node:util';
import {
  type BrotliOptions,
  brotliCompress,
  brotliCompressSync,
  constants,
  crc32,
  deflateRaw,
  deflateRawSync,
  type ZlibOptions,
} from 'node:zlib';
import pLimit from 'p-limit';

/** Content codings (RFC 9110 8.4.1) of answers. */
export type Coding = 'identity' | 'gzip' | 'br';

/**
 * An answer of which only the end varies: the long start is encoded once, and an end of a few hundred bytes is appended
 * uncompressed.
 */
export interface EncodedStart {
  readonly coding: Coding;
  /** Text if it is short and not encoded: it is sent in one piece with the head and the end. */
  readonly content: string | Buffer;
  readonly sizeBytes: number;
  /** Returns what completes the answer with this end, which is ASCII; null: the end as it is. */
  readonly complete: ((end: string) => Buffer) | null;
}

/** Shorter answers gain nothing by encoding: they fit into a packet anyway. */
const MIN_CODED_BYTES = 1_024;
/** Up to this size, copying an answer's parts into one costs less than writing them separately. */
export const SHORT_BYTES = 32 * 1024;
/**
 * Up to this size encoding takes 0.1 ms at once, and two to five times that by way of another thread (2.9 KB: 76 and 136 to
 * 250 µs by gzip, 46 and 250 to 370 µs by br), where each also holds memory of an encoder.
 */
const AT_ONCE_BYTES = 16 * 1024;
/**
 * How many are encoded in other threads together, of which Node has four. Each holds 0.3 MB from the moment that it is handed
 * over: a thousand lists of 100 KB, asked for together, took 320 MB more than their texts, and take 150 MB in turn.
 */
const AT_A_TIME = 8;
/** Brotli's level 5 comes within a few percent of the best for JSON of paths, in a tenth of the time. */
export const BROTLI_QUALITY = 5;
/** RFC 1952 2.3: deflate, no flags, no time, no extra flags, system unknown. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

const inTurn = pLimit(AT_A_TIME);
const deflate = promisify<Buffer, ZlibOptions, Buffer>(deflateRaw);
const compressByBrotli = promisify<Buffer, BrotliOptions, Buffer>(brotliCompress);

/**
 * Returns the coding that a request's Accept-Encoding prefers (RFC 9110 12.5.3); br before gzip if equal. Never fails:
 * if nothing fits, it is identity.
 */
export function chooseCoding(acceptEncoding: string | undefined): Coding {
  if (acceptEncoding === undefined || acceptEncoding === '') return 'identity';
  const weights = new Map<string, number>();
  for (const part of acceptEncoding.split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const weight = parameters.map((parameter) => /^q=(\d(?:\.\d{0,3})?)$/.exec(parameter)?.[1]).find(Boolean);
    weights.set(name === 'x-gzip' ? 'gzip' : name, weight === undefined ? 1 : Number(weight));
  }
  const weightOf = (coding: Coding) => weights.get(coding) ?? weights.get('*') ?? 0;
  const best = weightOf('br') >= weightOf('gzip') ? 'br' : 'gzip';
  // Identity, if not mentioned, ranks behind any accepted coding.
  const identity = weights.get('identity') ?? 0;
  return weightOf(best) > 0 && weightOf(best) >= identity ? best : 'identity';
}

/** Encodes a start; a short one stays as it is. */
export async function encodeStart(coding: Coding, start: string): Promise<EncodedStart> {
  const sizeBytes = Buffer.byteLength(start);
  if (coding === 'identity' || sizeBytes < MIN_CODED_BYTES) {
    const content = sizeBytes <= SHORT_BYTES ? start : Buffer.from(start);
    return { coding: 'identity', content, sizeBytes, complete: null };
  }
  const encode = () => (coding === 'gzip' ? gzipStart(Buffer.from(start)) : brotliStart(Buffer.from(start)));
  return sizeBytes <= AT_ONCE_BYTES ? encode() : inTurn(encode);
}

async function gzipStart(start: Buffer): Promise<EncodedStart> {
  // The flush ends at a whole byte, so that another block can follow.
  const options = { finishFlush: constants.Z_SYNC_FLUSH };
  const blocks = start.length <= AT_ONCE_BYTES ? deflateRawSync(start, options) : await deflate(start, options);
  const checksum = crc32(start);
  const content = Buffer.concat([GZIP_HEADER, blocks]);
  return {
    coding: 'gzip',
    content,
    sizeBytes: content.length,
    complete(end) {
      // RFC 1951 3.2.4: the last block, stored; RFC 1952 2.3.1: checksum and length of the whole.
      const block = Buffer.allocUnsafe(5 + end.length + 8);
      block[0] = 1;
      block.writeUInt16LE(end.length, 1);
      block.writeUInt16LE(end.length ^ 0xffff, 3);
      block.write(end, 5, 'latin1');
      block.writeUInt32LE(crc32(end, checksum), 5 + end.length);
      block.writeUInt32LE((start.length + end.length) % 2 ** 32, 9 + end.length);
      return block;
    },
  };
}

async function brotliStart(start: Buffer): Promise<EncodedStart> {
  const options = {
    finishFlush: constants.BROTLI_OPERATION_FLUSH,
    params: {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: start.length,
    },
  };
  const content =
    start.length <= AT_ONCE_BYTES ? brotliCompressSync(start, options) : await compressByBrotli(start, options);
  return {
    coding: 'br',
    content,
    sizeBytes: content.length,
    complete(end) {
      if (end === '') return Buffer.from([0b11]); // a last, empty metablock alone
      // RFC 7932 9.2: not the last (1 bit), four nibbles of length (2 bits), length less one (16 bits),
      // uncompressed (1 bit), filled up to the byte; behind it a last, empty metablock.
      const block = Buffer.allocUnsafe(3 + end.length + 1);
      block.writeUIntLE(((end.length - 1) << 3) | (1 << 19), 0, 3);
      block.write(end, 3, 'latin1');
      block[3 + end.length] = 0b11;
      return block;
    },
  };
}
