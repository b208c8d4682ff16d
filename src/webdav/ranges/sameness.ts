import type { ListedFile } from '../../domain/model/image.js';
import { normaliseEtag, parseModified } from '../multistatus/properties.js';
import type { DavAnswer } from '../transport/transport.js';

/** What an answer says of the file that it is taken from; null is what it doesn't say. */
export interface ShownFile {
  readonly totalBytes: number | null;
  /** As the server writes it. */
  readonly etag: string | null;
  readonly modifiedAt: number | null;
}

export function shownFile({ headers }: Pick<DavAnswer, 'headers'>, totalBytes: number | null): ShownFile {
  return { totalBytes, etag: headers.get('etag'), modifiedAt: parseModified(headers.get('last-modified')) };
}

/** Returns why an answer shows another file than the listing, or than the first answer if there was one; null if it doesn't. */
export function whyChanged(shown: ShownFile, listed: ListedFile, first: ShownFile | null): string | null {
  const { totalBytes, modifiedAt } = shown;
  const etag = normaliseEtag(shown.etag);
  const size = first?.totalBytes ?? listed.sizeBytes;
  if (size !== null && totalBytes !== null && size !== totalBytes) {
    return `it has ${totalBytes} bytes by now; ${size} were expected`;
  }
  const date = first?.modifiedAt ?? listed.modifiedAt;
  if (date !== null && modifiedAt !== null && secondOf(date) !== secondOf(modifiedAt)) {
    return `it was modified at ${new Date(modifiedAt).toISOString()}; expected was ${new Date(date).toISOString()}`;
  }
  const before = first === null ? listed.etag : normaliseEtag(first.etag);
  return before !== null && etag !== null && before !== etag ? 'its ETag has changed' : null;
}

/** HTTP has dates in whole seconds, and a listing may have more. */
function secondOf(ms: number): number {
  return Math.floor(ms / 1_000);
}

/** Returns the ETag with which a server may be asked for more of the very same file; null if it has no strong one (RFC 9110 13.1.5). */
export function strongEtag(shown: ShownFile | null): string | null {
  const etag = shown?.etag ?? null;
  return etag !== null && /^"[\x21\x23-\x7e]*"$/.test(etag) ? etag : null;
}
