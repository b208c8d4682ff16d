import type { BodyReader, DavAnswer } from '../transport/transport.js';

/** Gathers the body of one successful answer and reads it as JSON. */
export interface JsonGatherer {
  /** Reads no other body than a successful one: errors are read by their words, which the transport keeps. */
  readonly readerOf: (answer: DavAnswer) => BodyReader | null;
  /** Returns what was read; undefined if it is longer than allowed, or no JSON. */
  json(): unknown;
}

/** `maxBytes` protects memory alone. */
export function gatherJson(maxBytes: number): JsonGatherer {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const write = (bytes: Uint8Array) => {
    sizeBytes += bytes.length;
    if (sizeBytes <= maxBytes) chunks.push(Uint8Array.from(bytes));
    return sizeBytes <= maxBytes;
  };
  return {
    readerOf: ({ ok }) => (ok ? { write } : null),
    json() {
      if (sizeBytes > maxBytes) return undefined;
      try {
        return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
      } catch (error) {
        if (error instanceof SyntaxError) return undefined;
        throw error;
      }
    },
  };
}
