import type { SeenFile } from '../model/listing.js';

/**
 * Returns why a file is another one than when it was listed before, or null if it isn't; `now` is undefined if it is
 * gone. What one of the two listings doesn't say proves nothing.
 */
export function whyAnother(before: SeenFile, now: SeenFile | undefined): string | null {
  if (now === undefined) return 'it is gone';
  if (differ(before.sizeBytes, now.sizeBytes)) {
    return `it has ${now.sizeBytes} bytes by now; ${before.sizeBytes} were expected`;
  }
  if (before.modifiedAt !== null && now.modifiedAt !== null && before.modifiedAt !== now.modifiedAt) {
    return `it was modified at ${dateOf(now.modifiedAt)}; expected was ${dateOf(before.modifiedAt)}`;
  }
  return differ(before.etag, now.etag) ? 'its ETag has changed' : null;
}

function differ<Said>(before: Said | null, now: Said | null): boolean {
  return before !== null && now !== null && before !== now;
}

const dateOf = (ms: number) => new Date(ms).toISOString();
