import { type RouteConfig, z } from '@hono/zod-openapi';
import { SORT_FIELDS } from '../domain/query.js';
import { PROBLEM_TYPE } from './problem.js';

/**
 * What an operation takes and gives, without its path and method. The OpenAPI
 * document and the answers to OPTIONS are made from it.
 */
export type Definition = Omit<RouteConfig, 'path' | 'method'>;

/** How a sync is asked for; the body of a request is checked against it, too. */
export const syncRequestSchema = z
  .strictObject(
    {
      user: z
        .string({ error: ({ input }) => `${JSON.stringify(input)} must be a user's name` })
        .optional()
        .describe('The user whose space is synced; this or "all".'),
      all: z
        .literal(true, { error: ({ input }) => `${JSON.stringify(input)} must be true, or not be given` })
        .optional()
        .describe('Sync every space.'),
      mode: z
        .enum(['incremental', 'full'], {
          error: ({ input }) => `${JSON.stringify(input)} must be "incremental" or "full"`,
        })
        .default('incremental')
        .describe('"full" lists every collection, "incremental" may skip what is proven unchanged.'),
    },
    {
      error: ({ code }) =>
        code === 'unrecognized_keys' ? 'is unknown; allowed are user, all and mode' : 'must be a JSON object',
    },
  )
  .refine(({ user, all }) => (user === undefined) !== (all === undefined), {
    path: ['user'],
    error: 'either a user, such as {"user":"jm"}, or {"all":true} must be given, and not both',
  })
  .openapi('SyncRequest');

const time = z.iso.datetime();
const count = z.int().nonnegative();

const image = z
  .object({
    name: z.string().describe("The file's name, exactly."),
    path: z.string().describe("Relative to the root of the user's space; stable, and unique in it."),
    id: z.int().positive().describe('Stable for the life of the image, also when it vanishes and returns.'),
    size: count.nullable().describe("In bytes; null where the storage doesn't say."),
    created_on: time.describe('When the image was first seen.'),
    updated_on: time.describe('When its size or content was last seen to change.'),
  })
  .openapi('Image');

const sync = z
  .object({
    id: z.int().positive().describe('The number of the request.'),
    created_on: time.describe('When it was asked for.'),
    updated_on: time.describe('When it last went on.'),
    status: z.enum(['PENDING', 'IN_PROGRESS', 'PROCESSED', 'ERROR', 'CANCELLED']).describe('How far it is.'),
    type: z.literal('VM').describe('What is synced.'),
    mode: z.enum(['full', 'incremental', 'hint']).describe('How much is listed.'),
    started_on: time.nullable().describe('When its run began.'),
    ended_on: time.nullable().describe('When it ended; null while it waits or runs, and the counts go up.'),
    added: count.describe('Images that appeared.'),
    changed: count.describe('Images whose size or content changed.'),
    deleted: count.describe('Images that disappeared.'),
    images: count.describe('Images that were seen.'),
    collections: count.describe('Collections that were listed.'),
    failures: count.describe('Collections that could not be listed, and stay as they were.'),
    requests: count.describe('Requests to the storage.'),
    waiting: count.describe('Collections that are known and not listed yet.'),
    expected_collections: count
      .nullable()
      .describe('Collections that the last request of the same mode dealt with; null without one.'),
    collections_per_second: z.number().nonnegative().nullable().describe('How fast it is, or was.'),
    seconds_left: z.number().nonnegative().nullable().describe('Until its end by that pace; null where unknown.'),
    task_id: z.uuid().describe('The same request, for clients that follow a task.'),
    username: z.string().describe('Whose space is synced.'),
    user: z.object({ username: z.string() }).describe('The same as an object.'),
    message: z
      .object({ errors: z.array(z.string()), warnings: z.array(z.string()) })
      .describe('Why it failed, and what was left as it was.'),
  })
  .openapi('Sync');

const syncTicket = z
  .object({
    _links: z.object({ request: z.url() }).describe('Where the request can be followed.'),
    status: z.literal(202).describe('The status of the answer.'),
    message: z.string().describe('What will happen, for people.'),
    request: z
      .object({ id: z.int().positive(), status: sync.shape.status, task_id: z.uuid() })
      .describe('The request that was filed, or the one that waits or runs already.'),
  })
  .openapi('SyncTicket');

const space = z
  .object({
    user: z.string().describe('Whose space it is.'),
    url: z.url().describe('Its root on the storage.'),
    state: z.enum(['pending', 'fresh', 'stale', 'failing', 'held', 'suspended']).describe('Its condition in one word.'),
    images: count.describe('Images that are listed.'),
    collections: count.describe('Collections that are known.'),
    revision: count.describe('Raised with every visible change.'),
    last_success_on: time.nullable().describe('When a sync last left nothing unlisted.'),
    last_sync_on: time.nullable().describe('When a sync last reached its end.'),
    last_error: z
      .object({ kind: z.enum(['failed', 'incomplete', 'unauthorized']), message: z.string(), on: time })
      .nullable()
      .describe('Trouble of the last sync; null after a good one.'),
    held_removals: count.nullable().describe('Images whose removal waits for a second opinion, or null.'),
    next_sync_on: time.nullable().describe('When it is due next.'),
    pruning: z
      .enum(['learning', 'names', 'subtree', 'off'])
      .describe('What unchanged ETags and dates were seen to prove here, so that it need not be listed.'),
    mismatches: count.describe('Changes that ETags and dates did not show.'),
  })
  .openapi('Space');

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
const indexMeta = z.object({
  state: z.enum([...space.shape.state.options, 'none']),
  synced_on: time.nullable().describe('When the list was last known to be whole.'),
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

function gives(status: 200 | 202, description: string, schema: z.ZodType): Definition['responses'] {
  return { [status]: { description, content: { 'application/json': { schema } } }, default: refusal };
}

function one(item: z.ZodType): z.ZodType {
  return z.object({ _links: links, data: item, meta });
}

const idParameters = (what: string) => z.object({ id: z.string().describe(`The id of the ${what}.`) });
const userParameters = z.object({ user: z.string().describe('Whose space.') });

export const imageList: Definition = {
  description: "Lists the images of the caller's own space.",
  request: {
    query: z.object({
      name: z
        .array(z.string())
        .optional()
        .describe('Must occur in the name, in any case; "%" and "_" stand for themselves. Several must all occur.'),
      sort: z
        .string()
        .optional()
        .meta({
          description: 'The order: a field, maybe with ",asc" or ",desc"; several joined by ";". It never has ties.',
          default: 'name,asc',
          examples: ['name', 'name,desc', 'size,desc;name'],
          'x-allowed': SORT_FIELDS.flatMap((field) => [field, `${field},asc`, `${field},desc`]),
        }),
    }),
  },
  responses: gives(
    200,
    'All images that match.',
    z.object({ _links: links, data: z.array(image), meta: listMeta.extend({ index: indexMeta }) }),
  ),
};

export const imageById: Definition = {
  description: "Shows one image of the caller's own space.",
  request: { params: idParameters('image') },
  responses: gives(200, 'The image.', one(image)),
};

export const ownSync: Definition = {
  description: "Asks for a sync of the caller's own space.",
  responses: gives(202, 'The request.', one(syncTicket)),
};

export const syncById: Definition = {
  description: 'Shows how a sync goes: one of the own space or an own request, for administrators any.',
  request: { params: idParameters('request') },
  responses: gives(200, 'The request.', one(sync)),
};

export const adminSync: Definition = {
  description: "Asks for a sync of a user's space or of all spaces.",
  request: { body: { required: true, content: { 'application/json': { schema: syncRequestSchema } } } },
  responses: gives(202, 'The request, or a list of them.', one(z.union([syncTicket, z.array(syncTicket)]))),
};

export const spaceList: Definition = {
  description: 'Lists the spaces and their condition.',
  responses: gives(200, 'All spaces.', z.object({ _links: links, data: z.array(space), meta: listMeta })),
};

const oneSpace = {
  request: { params: userParameters },
  responses: gives(200, 'The space.', one(space)),
};

export const spaceByUser: Definition = { description: 'Shows the condition of one space.', ...oneSpace };

export const spaceAccept: Definition = { description: 'Lets a held removal through at the next sync.', ...oneSpace };

export const spaceResume: Definition = {
  description: 'Ends the suspension of a space: it is due at once.',
  ...oneSpace,
};

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
