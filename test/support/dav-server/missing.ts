import type { Answer } from './answer.js';

/**
 * How a server says that nothing is there: by its status, in a 207 (Nextcloud's {DAV:}error, older nginx' response or
 * propstat with 404), or not at all.
 */
export const MISSING_STYLES = [
  '404',
  '410',
  'dav-error',
  'status-404',
  'propstat-404',
  'html',
  '405',
  '403',
  '500',
  'empty',
] as const;
export type MissingStyle = (typeof MISSING_STYLES)[number];

/** The styles that say it; of the others nobody knows what they mean. */
const PLAIN = new Set<MissingStyle>(['404', '410', 'dav-error', 'status-404', 'propstat-404']);

export function saysMissing(style: MissingStyle): boolean {
  return PLAIN.has(style);
}

/** `target` as it was asked for. */
export function missingAnswer(style: MissingStyle, target: string): Answer {
  const href = target.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  const notFound = '<D:status>HTTP/1.1 404 Not Found</D:status>';
  switch (style) {
    case 'dav-error':
      return multistatus(
        `<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:exception>Sabre\\DAV\\Exception\\NotFound</s:exception><s:message>File with name could not be located</s:message></d:error>`,
      );
    case 'status-404':
      return inMultistatus(`<D:response><D:href>${href}</D:href>${notFound}</D:response>`);
    case 'propstat-404':
      return inMultistatus(
        `<D:response><D:href>${href}</D:href><D:propstat><D:prop><D:resourcetype/><D:getetag/></D:prop>${notFound}</D:propstat></D:response>`,
      );
    case 'empty':
      return inMultistatus('');
    case 'html':
      return {
        status: 200,
        headers: { 'Content-Type': 'text/html' },
        body: '<!DOCTYPE html><title>Page not found</title>',
      };
    default:
      return { status: Number(style), headers: {}, body: 'Not Found' };
  }
}

function inMultistatus(responses: string): Answer {
  return multistatus(`<D:multistatus xmlns:D="DAV:">${responses}</D:multistatus>`);
}

function multistatus(document: string): Answer {
  return {
    status: 207,
    headers: { 'Content-Type': 'application/xml; charset=utf-8' },
    body: `<?xml version="1.0" encoding="utf-8"?>\n${document}\n`,
  };
}
