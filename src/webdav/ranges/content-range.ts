/** What a Content-Range says (RFC 9110 14.4). */
export interface ContentRange {
  /** The bytes of the answer, `end` being the one after the last; null in an answer 416, which has none. */
  readonly part: { readonly from: number; readonly end: number } | null;
  /** The size of the file; null if the server doesn't know it. */
  readonly totalBytes: number | null;
}

const PART = /^bytes\s+(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i;
const UNSATISFIED = /^bytes\s+\*\/(\d{1,15})$/i;

/** Parses a Content-Range in bytes; null if it is missing, of another unit, or contradicts itself. */
export function parseContentRange(header: string | null): ContentRange | null {
  const text = header?.trim() ?? '';
  const total = UNSATISFIED.exec(text)?.[1];
  if (total !== undefined) return { part: null, totalBytes: Number(total) };
  const match = PART.exec(text);
  if (match === null) return null;
  const [from, end] = [Number(match[1]), Number(match[2]) + 1];
  const totalBytes = match[3] === '*' ? null : Number(match[3]);
  return from < end && (totalBytes === null || end <= totalBytes) ? { part: { from, end }, totalBytes } : null;
}
