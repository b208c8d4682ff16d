import { METHODS } from '../reply/methods.js';

/** Decides what a page on another origin is allowed (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export interface Cors {
  /**
   * Returns headers for the answer to a request with this Origin; undefined if it is not allowed, and the browser keeps
   * the answer from the page.
   */
  headersFor(origin: string | undefined): Readonly<Record<string, string>> | undefined;
  /**
   * Returns headers for the otherwise empty answer to a preflight with this Origin; undefined if it is no preflight or
   * not allowed.
   */
  preflight(
    origin: string | undefined,
    requestedMethod: string | undefined,
  ): Readonly<Record<string, string>> | undefined;
}

/** Headers that a page may read, besides those that every page may. */
const EXPOSED = [
  ...['Allow', 'ETag', 'Link', 'Location', 'Preference-Applied', 'Retry-After', 'WWW-Authenticate'],
  ...['X-Ignored-Parameters', 'X-Request-Id', 'X-Synced-On', 'X-Total-Count'],
  ...['RateLimit', 'RateLimit-Policy', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'],
].join(', ');
/** Headers that clients of this API send; a `*` would not cover Authorization. */
const ALLOWED_HEADERS = [
  ...['Authorization', 'Accept', 'Content-Type', 'If-Modified-Since', 'If-None-Match', 'Last-Event-ID', 'Prefer'],
  'X-Request-Id',
].join(', ');
const ALLOWED_METHODS = ['HEAD', ...METHODS].join(', ');
/** How long browsers may remember the answer; two hours are the most that Chromium accepts. */
const MAX_AGE_SECONDS = '7200';

/** Allows these origins; "*" is any. Cookies are never read, so a browser's own credentials are not allowed. */
export function createCors(origins: readonly string[]): Cors | null {
  if (origins.length === 0) return null;
  const isAny = origins.includes('*');
  const isAllowed = (origin: string | undefined): origin is string =>
    origin !== undefined && (isAny || origins.includes(origin));
  const allow = (origin: string) => ({ 'Access-Control-Allow-Origin': isAny ? '*' : origin });
  return {
    headersFor: (origin) =>
      isAllowed(origin) ? { ...allow(origin), 'Access-Control-Expose-Headers': EXPOSED } : undefined,
    preflight: (origin, requestedMethod) =>
      isAllowed(origin) && requestedMethod !== undefined
        ? {
            ...allow(origin),
            'Access-Control-Allow-Methods': ALLOWED_METHODS,
            'Access-Control-Allow-Headers': ALLOWED_HEADERS,
            'Access-Control-Max-Age': MAX_AGE_SECONDS,
          }
        : undefined,
  };
}
