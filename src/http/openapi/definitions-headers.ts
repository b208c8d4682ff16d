import type { RouteConfig } from '@hono/zod-openapi';

type ResponseOf = RouteConfig['responses'][string];
type HeadersOf = Extract<ResponseOf, { content?: unknown }>['headers'];
/** Headers of a response by name, each a reference to a component or defined inline. */
export type AnswerHeaders = Extract<HeadersOf, Record<string, { $ref: string } | { description?: string }>>;

const header = (description: string, schema: object, required: boolean) => ({ description, required, schema });
const text = (example: string, pattern?: string) => ({
  type: 'string',
  ...(pattern === undefined ? {} : { pattern }),
  examples: [example],
});

/** The header components of the document: each header has the same meaning everywhere. */
export const HEADERS = {
  'X-Request-Id': header('The id of the request, as in the log.', text('0b7c5f0e-2f4b-4f0e-9a51-7d1d2b3c4e5f'), true),
  'Cache-Control': header('Who may cache the response.', text('private, no-cache', '^[a-z, -]+$'), true),
  Vary: header('Request headers that the response depends on.', text('Authorization, Accept-Encoding'), true),
  ETag: header(
    'Identifies the revision of the list and the query; for use in If-None-Match.',
    text('W/"a-1-7-b-fresh"', '^W/".+"$'),
    true,
  ),
  'Last-Modified': header(
    'When the list last changed; absent during that same second.',
    text('Tue, 24 Nov 2026 12:00:00 GMT', ' GMT$'),
    false,
  ),
  Link: header(
    'The first, previous, next and last page (RFC 8288), if a page was requested.',
    text('<https://example.org/v2/image?page=2>; rel="next"', '^<[^>]+>; rel="'),
    false,
  ),
  'X-Total-Count': header('The number of items in the whole list.', text('12', '^[0-9]+$'), false),
  'X-Synced-On': header(
    'When the list was last known to be complete, also with 304; absent before the first sync.',
    { type: 'string', format: 'date-time' },
    false,
  ),
  'Preference-Applied': header(
    'The wait that the request preferred, if it was waited for (RFC 7240).',
    text('wait=30', '^wait=[0-9]+$'),
    false,
  ),
  'X-Accel-Buffering': header('Tells nginx to pass on each event as it comes.', { type: 'string', enum: ['no'] }, true),
  'X-Ignored-Parameters': header(
    'Unknown parameters, as in `meta.ignored`; with `Prefer: handling=strict` they cause a 400.',
    text('fitler, limit', '^[!-~]+(, [!-~]+)*$'),
    false,
  ),
  Location: header(
    'Where to follow the sync (the first of several), where the new token is, or where to look instead.',
    { type: 'string', format: 'uri-reference' },
    false,
  ),
  'Content-Encoding': header(
    'The coding preferred by the request, if the body is long enough.',
    { type: 'string', enum: ['br', 'gzip'] },
    false,
  ),
  Allow: header('The methods that are allowed.', text('GET, HEAD, OPTIONS', '^[A-Z, ]+$'), true),
  'Retry-After': header('Seconds to wait before another attempt.', text('30', '^[1-9][0-9]*$'), true),
  'WWW-Authenticate': header(
    'The required authentication, and what is wrong with that of the request (RFC 6750).',
    text('Bearer realm="ovadex", error="invalid_token"', '^(Bearer|Basic) realm="ovadex"'),
    true,
  ),
  RateLimit: header(
    'How many requests the user has left, and for how many seconds, if requests are limited; each host counts for itself.',
    text('"user";r=12;t=40', '^"user";r=[0-9]+;t=[0-9]+$'),
    false,
  ),
  'RateLimit-Policy': header(
    'How many requests a user may make in how many seconds, if requests are limited; where several hosts answer, at each of them.',
    text('"user";q=600;w=60', '^"user";q=[0-9]+;w=[0-9]+$'),
    false,
  ),
  'X-RateLimit-Limit': header('How many failed attempts are allowed per period.', text('5', '^[0-9]+$'), false),
  'X-RateLimit-Remaining': header('How many failed attempts are left.', text('4', '^[0-9]+$'), false),
  'X-RateLimit-Reset': header(
    'When all of them are available again, in seconds since 1970.',
    text('1795521600', '^[0-9]+$'),
    false,
  ),
};

export type HeaderName = keyof typeof HEADERS;

/** References these components, and those that every response has, even one to an invalid request. */
export function headers(...names: readonly HeaderName[]): AnswerHeaders {
  const all: readonly HeaderName[] = ['X-Request-Id', 'Cache-Control', ...names];
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }])) as AnswerHeaders;
}
