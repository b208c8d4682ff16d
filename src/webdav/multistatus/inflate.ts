import { once } from 'node:events';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { ConnectionError } from '../transport/connection-error.js';
import type { BodyReader } from '../transport/transport.js';

/** How a body is compressed (RFC 9110 8.4.1). */
export type Coding = 'gzip' | 'deflate' | 'br';

/** Passes the decompressed body to another reader. */
export interface InflatingReader extends BodyReader {
  /** Call it after the last piece: resolves when everything is read. Rejects with zlib's error, as a `ConnectionError`. */
  end(): Promise<void>;
  /** Stops reading because the body broke off. */
  cancel(): void;
}

/** Decompresses piece by piece, so that the reader's limit ends a bomb early. */
export function createInflatingReader(write: BodyReader['write'], coding: Coding = 'gzip'): InflatingReader {
  let inflater: Transform | null = null;
  let read: Promise<void> = Promise.resolve();
  let closed: Promise<unknown> = read;

  const start = (first: number): Transform => {
    const stream = createInflater(coding, first);
    inflater = stream;
    read = readAll(stream, write);
    read.catch(() => undefined); // reported by `end`
    closed = once(stream, 'close').catch(() => undefined);
    return stream;
  };

  return {
    write(bytes) {
      if (bytes.length === 0) return true;
      const stream = inflater ?? start(bytes[0] ?? 0);
      if (stream.destroyed) return false;
      if (stream.write(bytes)) return true;
      const drained = once(stream, 'drain').catch(() => undefined);
      return Promise.race([drained, closed]).then(() => !stream.destroyed);
    },
    async end() {
      inflater?.end();
      await read;
    },
    cancel: () => void inflater?.destroy(),
  };
}

async function readAll(stream: Transform, write: BodyReader['write']): Promise<void> {
  try {
    for await (const chunk of stream) {
      const isWanted = write(chunk as Buffer);
      if (isWanted === false || (isWanted !== true && !(await isWanted))) break; // which destroys it
    }
  } catch (error) {
    throw error === stream.errored ? new ConnectionError(error) : error;
  }
}

/** Creates the decompressor. Some servers send `deflate` without its zlib header, which the first byte tells (RFC 1950 2.2). */
function createInflater(coding: Coding, first: number): Transform {
  switch (coding) {
    case 'gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      return (first & 0x0f) === 8 ? createInflate() : createInflateRaw();
  }
}
