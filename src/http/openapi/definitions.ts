import { type RouteConfig, z } from '@hono/zod-openapi';
import { type HeaderName, headers } from './definitions-headers.js';
import { type ProblemName, problems } from './definitions-problems.js';

/**
 * What an operation takes and gives, without its path and method. The OpenAPI
 * document and the answers to OPTIONS are made from it.
 */
export type Definition = Omit<RouteConfig, 'path' | 'method'> & {
  /** Unique in the API: generated clients name a function by it. */
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly [Tag];
};

export const TAGS = {
  images: 'Images of spaces, as they are in the index.',
  syncs: 'Asking for a sync of a space, and following it.',
  administration: 'Watching all spaces, and putting them right; with the scope "admin".',
  account: 'Who is calling.',
  service: 'The API itself.',
} as const;

export type Tag = keyof typeof TAGS;

/** Who may call: whoever has a token; whoever has one with the scope; everybody. */
export const BY_TOKEN = [{ token: [] }];
export const BY_ADMIN = [{ token: ['admin'] }];
export const BY_ANYBODY: NonNullable<Definition['security']> = [];

/** A schema for each key of this JSON, and for nothing else. */
export type ShapeOf<Json> = { readonly [Key in keyof Json]: z.ZodType<Json[Key]> };

export const time = z.iso.datetime();
export const count = z.int().nonnegative();

const links = z.object({ api: z.url(), self: z.url() }).openapi('Links');
const meta = z.object({ time: z.string().regex(/^\d+\.\d{5}s$/), user: z.string() });
const listMeta = meta.extend({
  count,
  ignored: z
    .array(z.string())
    .optional()
    .describe('Parameters that the list knows nothing of, where there were any: misspelled filters, for one.'),
  pages: z
    .object({
      first_url: z.url(),
      last_url: z.url(),
      next_url: z.url().nullable(),
      prev_url: z.url().nullable(),
      page: count,
      pages: count,
      per_page: count,
      total: count,
    })
    .openapi('Pages'),
});

/** A body and what one looks like. */
export interface Content {
  readonly schema: z.ZodType;
  readonly example: unknown;
}

/** A good answer with this body. */
export function gives(
  status: 200 | 202,
  description: string,
  content: Content,
  names: readonly HeaderName[] = [],
): Definition['responses'] {
  const all = headers('Vary', ...names);
  return { [status]: { description, headers: all, content: { 'application/json': { ...content } } } };
}

/** What else an operation behind a token may answer. */
export function refusals(...names: readonly ProblemName[]): Definition['responses'] {
  return problems('Unauthorized', 'TooManyRequests', 'Unavailable', ...names);
}

/** Those of every list. */
export const OF_LISTS = ['Link', 'X-Total-Count', 'X-Ignored-Parameters'] as const;

/** The headers of good answers to whoever has a token. */
export const LIMITS = ['RateLimit', 'RateLimit-Policy'] as const;

/** Addresses in examples are of this API. */
export const EXAMPLE_BASE = 'https://vss-api.example.org';
const ownLinks = (target: string) => ({ api: `${EXAMPLE_BASE}/v2/`, self: EXAMPLE_BASE + target });

/** The wrapping of one thing; the example is what GET of `target` gives. */
export function one(item: z.ZodType, example: unknown, target: string): Content {
  return {
    schema: z.object({ _links: links, data: item, meta }),
    example: { _links: ownLinks(target), data: example, meta: { time: '0.00012s', user: 'jm' } },
  };
}

/** As `one`, where nobody has to say who he is. */
export function unsigned(item: z.ZodType, example: unknown, target: string): Content {
  return {
    schema: z.object({ _links: links, data: item, meta: meta.pick({ time: true }) }),
    example: { _links: ownLinks(target), data: example, meta: { time: '0.00012s' } },
  };
}

/** The wrapping of a list, whole or a page; the example has one item. */
export function list(
  item: z.ZodType,
  example: unknown,
  target: string,
  extra: { readonly schema: z.ZodRawShape; readonly example: object } = { schema: {}, example: {} },
): Content {
  const self = EXAMPLE_BASE + target;
  const numbers = { page: 1, pages: 1, per_page: 1, total: 1 };
  const pages = { first_url: self, last_url: self, next_url: null, prev_url: null, ...numbers };
  return {
    schema: z.object({ _links: links, data: z.array(item), meta: listMeta.extend(extra.schema) }),
    example: {
      _links: ownLinks(target),
      data: [example],
      meta: { count: 1, time: '0.00012s', user: 'jm', pages, ...extra.example },
    },
  };
}

/** The `{id}` of a path. */
export const idParameters = (what: string) =>
  z.object({
    id: z
      .int()
      .positive()
      .meta({ description: `The id of the ${what}.`, examples: [7] }),
  });
