import { type DateHabit, isByHabit, type OtherDate, secondOf } from '../../domain/description/date-habit.js';
import type { ListedFile } from '../../domain/model/image.js';
import { normaliseEtag, parseModified } from '../multistatus/properties.js';
import type { DavAnswer } from '../transport/transport.js';

/** What an answer says of the file that it is taken from; null is what it doesn't say. */
export interface ShownFile {
  readonly totalBytes: number | null;
  /** As the server writes it. */
  readonly etag: string | null;
  readonly modifiedAt: number | null;
  /** Whether it dates the file to when the answer was made. */
  readonly isDatedByAnswer: boolean;
}

/** An answer is dated when its head is written, which may be in the second after the file was looked at. */
const OF_THE_ANSWER_MS = 2_000;

export function shownFile(
  { headers }: { readonly headers: Pick<DavAnswer['headers'], 'get'> },
  totalBytes: number | null,
): ShownFile {
  const modifiedAt = parseModified(headers.get('last-modified'));
  const answeredAt = parseModified(headers.get('date'));
  const isDatedByAnswer =
    modifiedAt !== null && answeredAt !== null && Math.abs(answeredAt - modifiedAt) <= OF_THE_ANSWER_MS;
  return { totalBytes, etag: headers.get('etag'), modifiedAt, isDatedByAnswer };
}

/** What an answer shows that says nothing but a size. */
export function sizeAlone(totalBytes: number | null): ShownFile {
  return { totalBytes, etag: null, modifiedAt: null, isDatedByAnswer: false };
}

/**
 * Returns why an answer shows another file than the listing, or than the first answer if there was one; null if it
 * doesn't. The size always counts. A strong ETag that stays needs no date; a date may differ by a habit of the storage.
 */
export function whyChanged(
  shown: ShownFile,
  listed: ListedFile,
  first: ShownFile | null,
  habits: readonly DateHabit[] = [],
): string | null {
  const { totalBytes, modifiedAt } = shown;
  const size = first?.totalBytes ?? listed.sizeBytes;
  if (size !== null && totalBytes !== null && size !== totalBytes) {
    return `it has ${totalBytes} bytes by now; ${size} were expected`;
  }
  const strong = strongEtag(first);
  if (strong !== null && strong === shown.etag) return null;
  const date = first?.modifiedAt ?? listed.modifiedAt;
  if (date !== null && modifiedAt !== null && !isDateExpected(date, shown, first, habits)) {
    return `it was modified at ${new Date(modifiedAt).toISOString()}; expected was ${new Date(date).toISOString()}`;
  }
  const etag = normaliseEtag(shown.etag);
  const before = first === null ? listed.etag : normaliseEtag(first.etag);
  return before !== null && etag !== null && before !== etag ? 'its ETag has changed' : null;
}

/** A shift is from the listing to answers; between two answers only those may differ that are dated anew. */
function isDateExpected(
  date: number,
  shown: ShownFile,
  first: ShownFile | null,
  habits: readonly DateHabit[],
): boolean {
  const other = differing(date, shown);
  if (other === null) return true;
  const isFirst = first === null || first.modifiedAt === null;
  if (!isFirst && !first.isDatedByAnswer) return false;
  return habits.some((habit) => (isFirst || habit.kind === 'of-the-answer') && isByHabit(other, habit));
}

/** Returns the date that an answer gives a file of the very size that was listed, if it isn't the listed one. */
export function otherDate(shown: ShownFile, { sizeBytes, modifiedAt }: ListedFile): OtherDate | null {
  if (modifiedAt === null || sizeBytes === null || shown.totalBytes !== sizeBytes) return null;
  return differing(modifiedAt, shown);
}

function differing(expectedAt: number, { modifiedAt, etag, isDatedByAnswer }: ShownFile): OtherDate | null {
  if (modifiedAt === null || secondOf(modifiedAt) === secondOf(expectedAt)) return null;
  return { listedAt: expectedAt, shownAt: modifiedAt, etag: normaliseEtag(etag), isOfAnswer: isDatedByAnswer };
}

/** Returns the ETag with which a server may be asked for more of the very same file; null if it has no strong one (RFC 9110 13.1.5). */
export function strongEtag(shown: ShownFile | null): string | null {
  const etag = shown?.etag ?? null;
  return etag !== null && /^"[\x21\x23-\x7e]*"$/.test(etag) ? etag : null;
}
