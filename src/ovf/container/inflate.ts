import { constants, gunzipSync } from 'node:zlib';

/** What the beginning of a gzip file becomes, at most `cap` bytes of it. */
export interface Inflated {
  readonly bytes: Uint8Array;
  /** Whether that is all that could be made of the input. */
  readonly isAll: boolean;
}

/**
 * Inflates the beginning of a gzip file. One that would become more than `cap` bytes is tried with half as much until it
 * fits, so no input takes more memory than that. null if it isn't gzip beyond its first bytes.
 */
export function inflateStart(input: Uint8Array, cap: number): Inflated | null {
  for (let length = input.length; length > 18; length >>= 1) {
    try {
      const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: cap };
      return { bytes: gunzipSync(input.subarray(0, length), options), isAll: length === input.length };
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error;
      if (error.code !== 'ERR_BUFFER_TOO_LARGE') return null;
    }
  }
  return null;
}
