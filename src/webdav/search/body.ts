/** One page of the answer. */
export interface SearchPage {
  /** As in `SearchPlace`. */
  readonly scope: string;
  /** The oldest modification date to show, in ms since the epoch; null for the first page. */
  readonly since: number | null;
  /** The most entries to show. */
  readonly limit: number;
}

const LIKE = (ending: string) => `<d:like><d:prop><d:displayname/></d:prop><d:literal>%.${ending}</d:literal></d:like>`;
/** Databases compare without regard to case here, so `.OVA` is found as well. */
const IS_IMAGE = `<d:or>${LIKE('ova')}${LIKE('ovf')}</d:or>`;

/**
 * Writes a basicsearch (RFC 5323 5) for images, the oldest first. Pages begin at a date rather than at a number:
 * Nextcloud counts the entries of each storage by itself, so its offsets skip some where there are several. Without a
 * limit it shows a hundred entries.
 */
export function searchBody({ scope, since, limit }: SearchPage): string {
  // Nextcloud reads a number as seconds since the epoch.
  const seconds = since === null ? null : Math.floor(since / 1_000);
  const date = `<d:gte><d:prop><d:getlastmodified/></d:prop><d:literal>${seconds}</d:literal></d:gte>`;
  const where = seconds === null ? IS_IMAGE : `<d:and>${IS_IMAGE}${date}</d:and>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<d:searchrequest xmlns:d="DAV:"><d:basicsearch>
<d:select><d:prop><d:resourcetype/><d:getcontentlength/><d:getlastmodified/><d:getetag/></d:prop></d:select>
<d:from><d:scope><d:href>${escapeXml(scope)}</d:href><d:depth>infinity</d:depth></d:scope></d:from>
<d:where>${where}</d:where>
<d:orderby><d:order><d:prop><d:getlastmodified/></d:prop><d:ascending/></d:order></d:orderby>
<d:limit><d:nresults>${limit}</d:nresults></d:limit>
</d:basicsearch></d:searchrequest>
`;
}

function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}
