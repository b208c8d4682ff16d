import type { RouteConfig } from '@hono/zod-openapi';
import type { ZodRawShape, ZodType } from 'zod';
import { z } from '../reply/zod.js';
import { type HeaderName, headers } from './definitions-headers.js';
import { type ProblemName, problems } from './definitions-problems.js';

/**
 * The input and output of an operation, without its path and method. The OpenAPI document and the responses to OPTIONS
 * are made from it.
 */
export type Definition = Omit<RouteConfig, 'path' | 'method'> & {
  /** A unique id, after which generated clients name a function. */
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly [Tag];
};

export const TAGS = {
  images: 'Images of spaces, from the index.',
  syncs: 'Requesting syncs and following them.',
  administration: 'Monitoring and repairing all spaces; needs the scope "admin".',
  account: 'Who is calling.',
  service: 'The API itself.',
} as const;

export type Tag = keyof typeof TAGS;

/** Who may call: anybody with a token, with a token of the scope "admin" or "hint", or anybody at all. */
export const BY_TOKEN = [{ token: [] }];
export const BY_ADMIN = [{ token: ['admin'] }];
export const BY_HINTER = [{ token: ['hint'] }];
export const BY_ANYBODY: NonNullable<Definition['security']> = [];

/** A schema for each key of this JSON, and for nothing else. */
export type ShapeOf<Json> = { readonly [Key in keyof Json]: ZodType<Json[Key]> };

export const time = z.iso.datetime();
export const count = z.int().nonnegative();

export const linksSchema = z.object({ api: z.url(), self: z.url() }).openapi('Links');
const meta = z.object({ time: z.string().regex(/^\d+\.\d{5}s$/), user: z.string() });
const listMeta = meta.extend({
  count,
  ignored: z.array(z.string()).optional().describe('Unknown parameters, if any, such as misspelled filters.'),
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

/** A schema of a body, with an example. */
export interface Content {
  readonly schema: ZodType;
  readonly example: unknown;
}

/** A successful response with this body. */
export function gives(
  status: 200 | 201 | 202,
  description: string,
  content: Content,
  names: readonly HeaderName[] = [],
): Definition['responses'] {
  const all = headers('Vary', ...names);
  return { [status]: { description, headers: all, content: { 'application/json': { ...content } } } };
}

/** The problems of an operation that needs a token. */
export function refusals(...names: readonly ProblemName[]): Definition['responses'] {
  return problems('Unauthorized', 'TooManyRequests', 'Unavailable', ...names);
}

/** Headers of every list. */
export const OF_LISTS = ['Link', 'X-Total-Count', 'X-Ignored-Parameters'] as const;

/** Headers of successful responses to callers with a token. */
export const LIMITS = ['RateLimit', 'RateLimit-Policy'] as const;

/** The address of the API in examples. */
export const EXAMPLE_BASE = 'https://vss-api.example.org';
const ownLinks = (target: string) => ({ api: `${EXAMPLE_BASE}/v2/`, self: EXAMPLE_BASE + target });

/** The envelope of a single item; the example is the result of GET `target`. */
export function one(item: ZodType, example: unknown, target: string): Content {
  return {
    schema: z.object({ _links: linksSchema, data: item, meta }),
    example: { _links: ownLinks(target), data: example, meta: { time: '0.00012s', user: 'jm' } },
  };
}

/** The envelope of a single item for anonymous callers. */
export function unsigned(item: ZodType, example: unknown, target: string): Content {
  return {
    schema: z.object({ _links: linksSchema, data: item, meta: meta.pick({ time: true }) }),
    example: { _links: ownLinks(target), data: example, meta: { time: '0.00012s' } },
  };
}

/** The envelope of a list or a page; the example has one item. */
export function list(
  item: ZodType,
  example: unknown,
  target: string,
  extra: { readonly schema: ZodRawShape; readonly example: object } = { schema: {}, example: {} },
): Content {
  const self = EXAMPLE_BASE + target;
  const numbers = { page: 1, pages: 1, per_page: 1, total: 1 };
  const pages = { first_url: self, last_url: self, next_url: null, prev_url: null, ...numbers };
  return {
    schema: z.object({ _links: linksSchema, data: z.array(item), meta: listMeta.extend(extra.schema) }),
    example: {
      _links: ownLinks(target),
      data: [example],
      meta: { count: 1, time: '0.00012s', user: 'jm', pages, ...extra.example },
    },
  };
}

/** The parameter `{id}` of a path. */
export const idParameters = (what: string) =>
  z.object({
    id: z
      .int()
      .positive()
      .meta({ description: `The id of the ${what}.`, examples: [7] }),
  });
