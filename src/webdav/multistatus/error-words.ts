import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib';
import type { DavAnswer } from '../transport/transport.js';
import { createDavErrorReader, type DavErrorReader, type DavErrorWords } from './dav-error.js';
import type { MultistatusElements } from './elements.js';
import { createStrictXml } from './strict-xml.js';
import { createXmlDecoder } from './xml-text.js';

/** The reason given in the body of a refusal. */
export interface ErrorWords extends DavErrorWords {
  /** Whether the body is what a 207 should have brought. */
  readonly isMultistatus: boolean;
}

const DAV = 'DAV:';
/** How much of the decompressed text is read. */
const READ_LENGTH = 1_024;
/** A kilobyte of gzip inflates to a megabyte at most. */
const MAX_INFLATED_BYTES = 1_048_576;
/** A plain text that is longer, or has several paragraphs, is a page, not a reason. */
const LONGEST_PLAIN = 200;
const SILENT: ErrorWords = { exception: null, message: null, isMultistatus: false };

/** Reads the kept beginning of the body. A page of HTML contains nothing useful. */
export function readErrorWords({ headers, statusText, opening }: DavAnswer): ErrorWords {
  const bytes = inflated(opening(), headers.get('content-encoding'));
  if (bytes.length === 0) return SILENT;
  const type = headers.get('content-type');
  const decoder = createXmlDecoder(type);
  const text = (decoder.decode(bytes) + decoder.end()).slice(0, READ_LENGTH);
  if (/^[\s\ufeff]*</.test(text)) return readXml(text);
  const plain = text.trim();
  const isReason = /^text\/plain\b/i.test(type ?? '') && plain.length <= LONGEST_PLAIN && !/\n\s*\n|[<>]/.test(plain);
  const isNews = plain.toLowerCase() !== statusText.trim().toLowerCase();
  return isReason && isNews && plain !== '' ? { ...SILENT, message: plain } : SILENT;
}

function readXml(text: string): ErrorWords {
  let reader: DavErrorReader | null = null;
  let isMultistatus = false;
  let isBroken = false;
  let depth = 0;
  const elements: MultistatusElements = {
    open(name) {
      depth++;
      if (depth > 1) return reader?.open(name);
      if (name.uri === DAV && name.local === 'error') reader = createDavErrorReader();
      isMultistatus = name.uri === DAV && name.local === 'multistatus';
    },
    close() {
      if (depth > 1) reader?.close();
      depth--;
    },
    text: (piece) => reader?.text(piece),
    fail() {
      isBroken = true;
    },
    failure: () => null,
    progress: () => 0,
    depth: () => depth,
    isCapturing: () => reader?.isCapturing() === true,
    isClosed: () => false,
    responses: null,
  };
  const xml = createStrictXml(elements, '');
  xml.write(text);
  if (isBroken) return SILENT;
  xml.flush(); // the document is cut off after this
  const words = (reader as DavErrorReader | null)?.words();
  return { exception: words?.exception ?? null, message: words?.message ?? null, isMultistatus };
}

/** Decompresses as much as possible; nothing if the coding is not what it claims to be. */
function inflated(bytes: Uint8Array, coding: string | null): Uint8Array {
  const options = { maxOutputLength: MAX_INFLATED_BYTES };
  const finishFlush = constants.Z_SYNC_FLUSH;
  try {
    switch (coding?.trim().toLowerCase()) {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(bytes, { ...options, finishFlush });
      case 'deflate':
        return inflateSync(bytes, { ...options, finishFlush });
      case 'br':
        return brotliDecompressSync(bytes, { ...options, finishFlush: constants.BROTLI_OPERATION_FLUSH });
      default:
        return bytes;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) return new Uint8Array(0);
    throw error;
  }
}
