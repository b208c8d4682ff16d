import { leastEncoded } from '../multistatus/href.js';
import type { DavAnswer } from '../transport/transport.js';

/** Redirects that keep the method; 303 asks for a GET of something else. */
const SAME_METHOD_REDIRECTS = new Set([301, 302, 307, 308]);

/**
 * Returns where to ask again, or null: the only redirect that is followed leads to the same origin (scheme, host and
 * port) and just adds the slash at the end of a collection's URL. The result is the requested URL with a slash, never
 * the server's text.
 */
export function slashRedirect(url: string, answer: DavAnswer): string | null {
  const wanted = `${url}/`;
  return !url.endsWith('/') && leadsTo(wanted, url, answer) ? wanted : null;
}

/** Whether the answer redirects the request to the same URL. */
export function leadsToItself(url: string, answer: DavAnswer): boolean {
  return leadsTo(url, url, answer);
}

function leadsTo(wanted: string, url: string, { status, headers }: DavAnswer): boolean {
  const location = headers.get('location');
  if (location === null || !SAME_METHOD_REDIRECTS.has(status) || !URL.canParse(location, url)) return false;
  return canonical(new URL(location, url).href) === canonical(new URL(wanted).href);
}

/** Normalises a URL, since servers write hex digits in either case and escape more than necessary. */
function canonical(url: string): string {
  return leastEncoded(url).replace(/%[0-9a-f]{2}/gi, (escaped) => escaped.toUpperCase());
}
