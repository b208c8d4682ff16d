import type { RouteConfig } from '@hono/zod-openapi';

type ResponseOf = RouteConfig['responses'][string];
type HeadersOf = Extract<ResponseOf, { content?: unknown }>['headers'];
/** Headers of an answer by their names, each a component or written out. */
export type AnswerHeaders = Extract<HeadersOf, Record<string, { $ref: string } | { description?: string }>>;

const header = (description: string, schema: object, required: boolean) => ({ description, required, schema });
const text = (example: string, pattern?: string) => ({
  type: 'string',
  ...(pattern === undefined ? {} : { pattern }),
  examples: [example],
});

/** The components of the document: each header has one meaning wherever it comes. */
export const HEADERS = {
  'X-Request-Id': header('The id of the request, as in the log.', text('0b7c5f0e-2f4b-4f0e-9a51-7d1d2b3c4e5f'), true),
  'Cache-Control': header('Who may keep the answer.', text('private, no-cache', '^[a-z, -]+$'), true),
  Vary: header('What of the request the answer depends on.', text('Authorization, Accept-Encoding'), true),
  ETag: header(
    'Stands for the revision of the list and the question; good for If-None-Match.',
    text('W/"a-1-7-b-fresh"', '^W/".+"$'),
    true,
  ),
  'Last-Modified': header(
    'When the list last changed; not while that second goes on.',
    text('Tue, 24 Nov 2026 12:00:00 GMT', ' GMT$'),
    false,
  ),
  Link: header(
    'The first, previous, next and last page (RFC 8288), where a page was asked for.',
    text('<https://example.org/v2/image?page=2>; rel="next"', '^<[^>]+>; rel="'),
    false,
  ),
  'X-Total-Count': header('How many items the whole list has.', text('12', '^[0-9]+$'), false),
  'X-Synced-On': header(
    'When the list was last known to be whole, also where the answer is 304; not before the first sync.',
    { type: 'string', format: 'date-time' },
    false,
  ),
  'X-Ignored-Parameters': header(
    'Parameters that the list knows nothing of, as in `meta.ignored`; with `Prefer: handling=strict` they are 400.',
    text('fitler, limit', '^[!-~]+(, [!-~]+)*$'),
    false,
  ),
  Location: header(
    'Where the sync can be followed, of several the first; or where to look instead.',
    { type: 'string', format: 'uri-reference' },
    false,
  ),
  'Content-Encoding': header(
    'The coding that the request prefers, if the body is long enough.',
    { type: 'string', enum: ['br', 'gzip'] },
    false,
  ),
  Allow: header('The methods that are allowed.', text('GET, HEAD, OPTIONS', '^[A-Z, ]+$'), true),
  'Retry-After': header('Seconds until it is worth trying again.', text('30', '^[1-9][0-9]*$'), true),
  'WWW-Authenticate': header(
    'What has to come with the request, and what is wrong with what came (RFC 6750).',
    text('Bearer realm="ovadex", error="invalid_token"', '^(Bearer|Basic) realm="ovadex"'),
    true,
  ),
  RateLimit: header(
    'How many requests the token has left, and for how many seconds; where requests are limited.',
    text('"user";r=12;t=40', '^"user";r=[0-9]+;t=[0-9]+$'),
    false,
  ),
  'RateLimit-Policy': header(
    'How many requests a token is good for in how many seconds; where requests are limited.',
    text('"user";q=600;w=60', '^"user";q=[0-9]+;w=[0-9]+$'),
    false,
  ),
  'X-RateLimit-Limit': header('How many tries may fail in a while.', text('5', '^[0-9]+$'), false),
  'X-RateLimit-Remaining': header('How many of them are left.', text('4', '^[0-9]+$'), false),
  'X-RateLimit-Reset': header(
    'When all of them are there again, in seconds since 1970.',
    text('1795521600', '^[0-9]+$'),
    false,
  ),
};

export type HeaderName = keyof typeof HEADERS;

/** Refers to these components, and to those that each answer has, also one to what is no request. */
export function headers(...names: readonly HeaderName[]): AnswerHeaders {
  const all: readonly HeaderName[] = ['X-Request-Id', 'Cache-Control', ...names];
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }])) as AnswerHeaders;
}
