/** The preconditions of a request for something that is there (RFC 9110 13.1). */
export interface Preconditions {
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
}

/** An entity tag in a list of them; commas may stand inside (RFC 9110 8.8.3). */
const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/**
 * Whether the client has it already: 304. Compared weakly. A date counts only where no tag came (RFC 9110 13.1.3)
 * and never for a change in the very second that it names, since another may have followed within it.
 */
export function isUnchanged(
  { ifNoneMatch, ifModifiedSince }: Preconditions,
  etag: string,
  changedAt: number | null,
  now: number,
): boolean {
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === '*') return true;
    const opaque = (tag: string) => tag.replace(/^W\//, '');
    return (ifNoneMatch.match(ENTITY_TAG) ?? []).some((tag) => opaque(tag) === opaque(etag));
  }
  if (ifModifiedSince === undefined || changedAt === null) return false;
  const since = Date.parse(ifModifiedSince);
  if (Number.isNaN(since) || since > now) return false;
  return isDatable(changedAt, now) && Math.floor(changedAt / 1000) * 1000 <= since;
}

/** Whether Last-Modified may be said: not while the second of the change goes on. */
export function isDatable(changedAt: number | null, now: number): changedAt is number {
  return changedAt !== null && Math.floor(changedAt / 1000) < Math.floor(now / 1000);
}
