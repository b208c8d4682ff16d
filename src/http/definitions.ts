import { type RouteConfig, z } from '@hono/zod-openapi';
import { PROBLEM_TYPE } from './problem.js';

/**
 * What an operation takes and gives, without its path and method. The OpenAPI
 * document and the answers to OPTIONS are made from it.
 */
export type Definition = Omit<RouteConfig, 'path' | 'method'>;

export const time = z.iso.datetime();
export const count = z.int().nonnegative();

const links = z.object({ api: z.url(), self: z.url() });
const meta = z.object({ time: z.string(), user: z.string() });
const listMeta = meta.extend({
  count,
  pages: z.object({
    first_url: z.url(),
    last_url: z.url(),
    next_url: z.url().nullable(),
    prev_url: z.url().nullable(),
    page: count,
    pages: count,
    per_page: count,
    total: count,
  }),
});

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().describe('The id of the request, as in the log.'),
    error: z.string(),
    message: z.string(),
    errors: z.array(z.object({ parameter: z.string(), detail: z.string() })),
  })
  .openapi('Problem');

const refusal = { description: 'What went wrong.', content: { [PROBLEM_TYPE]: { schema: problem } } };

/** A good answer with this body; any other is a problem. */
export function gives(status: 200 | 202, description: string, schema: z.ZodType): Definition['responses'] {
  return { [status]: { description, content: { 'application/json': { schema } } }, default: refusal };
}

/** The wrapping of one thing. */
export function one(item: z.ZodType): z.ZodType {
  return z.object({ _links: links, data: item, meta });
}

/** The wrapping of a list. */
export function list(item: z.ZodType, description: string, extra: z.ZodRawShape = {}): Definition['responses'] {
  return gives(200, description, z.object({ _links: links, data: z.array(item), meta: listMeta.extend(extra) }));
}

/** The `{id}` of a path. */
export const idParameters = (what: string) => z.object({ id: z.string().describe(`The id of the ${what}.`) });

export const liveness: Definition = {
  description: 'Says that the process answers; needs no token.',
  security: [],
  responses: gives(200, 'It does.', z.object({ status: z.literal('alive') })),
};

export const openApiDocument: Definition = {
  description: 'This API as an OpenAPI 3.1 document; needs no token.',
  security: [],
  responses: gives(200, 'The document.', z.looseObject({ openapi: z.string() })),
};
