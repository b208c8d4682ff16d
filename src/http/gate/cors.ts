import { METHODS } from '../reply/methods.js';

/** What a page on another origin is allowed (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export interface Cors {
  /** Headers for the answer to a request with this Origin; undefined: nothing, and the browser keeps it from the page. */
  headersFor(origin: string | undefined): Readonly<Record<string, string>> | undefined;
  /** Headers for the answer to a preflight with this Origin, to which nothing else is said; undefined: it is none, or nothing is allowed. */
  preflight(
    origin: string | undefined,
    requestedMethod: string | undefined,
  ): Readonly<Record<string, string>> | undefined;
}

/** Beyond those that every page may read. */
const EXPOSED = [
  ...['Allow', 'ETag', 'Link', 'Location', 'Preference-Applied', 'Retry-After', 'WWW-Authenticate'],
  ...['X-Ignored-Parameters', 'X-Request-Id', 'X-Synced-On', 'X-Total-Count'],
  ...['RateLimit', 'RateLimit-Policy', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'],
].join(', ');
/** What clients of this API send; a `*` would not cover Authorization. */
const ALLOWED_HEADERS = [
  ...['Authorization', 'Accept', 'Content-Type', 'If-Modified-Since', 'If-None-Match', 'Last-Event-ID', 'Prefer'],
  'X-Request-Id',
].join(', ');
const ALLOWED_METHODS = ['HEAD', ...METHODS].join(', ');
/** As long as browsers ask no second time: two hours are the most that Chromium takes. */
const MAX_AGE_SECONDS = '7200';

/** For these origins; "*" is any. No cookie is ever read, so that credentials of a browser's own are not allowed. */
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
