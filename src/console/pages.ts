import { CONTENT_HEADERS } from './visit/content-headers.js';

/**
 * Headers of every page. Nothing inline runs or styles, nothing comes from elsewhere, nothing is framed or kept; the
 * referrer stays on this server, since addresses contain names, and browsers leave out `Origin` without any.
 */
const PAGE_HEADERS = {
  ...CONTENT_HEADERS,
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** Answers with a document. */
export async function page(
  document: { toString(): string | Promise<string> },
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const text = `<!doctype html>${await document.toString()}`;
  return new Response(text, { status, headers: { ...PAGE_HEADERS, ...headers } });
}

/** Sends the browser on, by GET whatever it came with. */
export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status: 303, headers: { ...CONTENT_HEADERS, Location: location, ...headers } });
}
