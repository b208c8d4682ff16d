import { once } from 'node:events';
import { createGunzip } from 'node:zlib';
import type { BodyReader } from './transport.js';

/** Gives another reader what a gzip body inflates to. */
export interface InflatingReader extends BodyReader {
  /** Behind the last piece, if it came: settles when all is read. Rejects with zlib's error. */
  end(): Promise<void>;
  /** The body broke off. */
  cancel(): void;
}

/** Inflates piece by piece, so the reader's cap ends a bomb early. */
export function createInflatingReader(write: (bytes: Uint8Array) => boolean): InflatingReader {
  const gunzip = createGunzip();
  const readAll = async () => {
    for await (const chunk of gunzip) if (!write(chunk as Buffer)) break; // which destroys it
  };
  const read = readAll();
  read.catch(() => undefined); // told by `end`
  const closed = once(gunzip, 'close').catch(() => undefined);

  return {
    write(bytes) {
      if (gunzip.destroyed) return false;
      if (gunzip.write(bytes)) return true;
      const drained = once(gunzip, 'drain').catch(() => undefined);
      return Promise.race([drained, closed]).then(() => !gunzip.destroyed);
    },
    async end() {
      gunzip.end();
      await read;
    },
    cancel: () => void gunzip.destroy(),
  };
}
