import { parseDate } from '../transport/dates.js';
import type { MultistatusResponse, PropertyTexts } from './response.js';

/**
 * Tells collections from files by the resourcetype. If it is missing, other signs count: Bitrix24's `iscollection`,
 * Jianguoyun's content type and, last, the slash. The kind of a resource without any property is unknown.
 */
export function kindOf(response: MultistatusResponse): 'collection' | 'file' | 'unknown' {
  if (response.resourceType !== null) return response.resourceType === 'collection' ? 'collection' : 'file';
  if (response.propertyCount === 0) return 'unknown';
  if (response.isCollection !== null) return /^\s*(?:1|true)\s*$/i.test(response.isCollection) ? 'collection' : 'file';
  if (/^\s*httpd\/unix-directory\b/i.test(response.contentType ?? '')) return 'collection';
  return response.href.endsWith('/') ? 'collection' : 'file';
}

/** Parses getcontentlength to bytes; null if it is missing, negative or not a number (RFC 4918 15.4 makes it optional). */
export function parseSize(text: string | null): number | null {
  if (text === null || !/^\s*\d{1,15}\s*$/.test(text)) return null;
  return Number(text);
}

/** Parses getlastmodified to ms since the epoch; null if it is missing or invalid. */
export function parseModified(text: string | null): number | null {
  return text === null ? null : parseDate(text);
}

/**
 * Strips an ETag of `W/`, quotes and `-gzip`: Apache drops the `W/` a second after a change and adds the suffix, inside
 * the quotes or after them, whenever it compresses. Returns null if nothing is left.
 */
export function normaliseEtag(text: string | null): string | null {
  if (text === null) return null;
  const bare = unquote(unquote(text.trim().replace(/^W\//i, '')).replace(/-gzip$/, ''));
  return bare === '' ? null : bare;
}

function unquote(text: string): string {
  return text.replace(/^"/, '').replace(/"$/, '');
}

/** Returns a collection's marker: its ETag, else its date, else null. MEGA dates every collection 1970, which is meaningless. */
export function markerOf(properties: PropertyTexts): string | null {
  const etag = normaliseEtag(properties.etag);
  if (etag !== null) return `etag:${etag}`;
  const modifiedAt = parseModified(properties.lastModified);
  return modifiedAt === null || modifiedAt === 0 ? null : `date:${modifiedAt}`;
}
