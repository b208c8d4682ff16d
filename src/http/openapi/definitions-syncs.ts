import { SYNC_LIST, SYNC_MODES, SYNC_STATUSES } from '../../domain/lists/sync-list.js';
import type { ClientAdminSyncJson, ClientSyncJson, SyncTicketJson } from '../../wire/sync.js';
import { z } from '../reply/zod.js';
import {
  BY_ADMIN,
  BY_TOKEN,
  count,
  type Definition,
  EXAMPLE_BASE,
  gives,
  idParameters,
  LIMITS,
  list,
  OF_LISTS,
  one,
  refusals,
  type ShapeOf,
  time,
} from './definitions.js';
import { filterParameter, pageParameters, sortParameter } from './list-parameters.js';

/** The request for a sync; bodies are also validated with this schema. */
export const syncRequestSchema = z
  .strictObject(
    {
      user: z
        .string({ error: ({ input }) => `${JSON.stringify(input)} must be a user's name` })
        .optional()
        .describe('The user whose space to sync; give either this or "all".'),
      all: z
        .literal(true, { error: ({ input }) => `${JSON.stringify(input)} must be true or omitted` })
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
    error: 'give either a user, such as {"user":"jm"}, or {"all":true}',
  })
  .openapi('SyncRequest');

const sync = z
  .object({
    id: z.int().positive().describe('The number of the request.'),
    username: z.string().describe('The owner of the space.'),
    status: z.enum(SYNC_STATUSES).describe('The status of the request.'),
    mode: z.enum(SYNC_MODES).describe('How much of the space is listed.'),
    created_on: time.describe('When it was requested.'),
    updated_on: time.describe('When it last made progress.'),
    started_on: time.nullable().describe('When it started running.'),
    ended_on: time.nullable().describe('When it ended; null while it waits or runs, during which the counts increase.'),
    added: count.describe('Images that appeared.'),
    changed: count.describe('Images whose size or content changed.'),
    deleted: count.describe('Images that disappeared.'),
    images: count.describe('Images that were seen.'),
    collections: count.describe('Collections that were listed.'),
    failures: count.describe('Collections that could not be listed, whose images are kept.'),
    requests: count.describe('Requests to the storage.'),
    waiting: count.describe('Collections that are known but not listed yet.'),
    expected_collections: count
      .nullable()
      .describe('Collections that the last request of the same mode processed; null without one.'),
    collections_per_second: z.number().nonnegative().nullable().describe('Its speed, current or final.'),
    seconds_left: z.number().nonnegative().nullable().describe('Seconds until its end at that speed; null if unknown.'),
    task_id: z.uuid().describe('The id of the request for clients that follow a task.'),
    message: z
      .object({ errors: z.array(z.string()), warnings: z.array(z.string()) })
      .describe('Why it failed, and which collections were left unchanged.'),
    type: z.literal('VM').describe('What is synced.'),
    user: z.object({ username: z.string() }).describe('The same as `username`, as an object.'),
  } satisfies ShapeOf<ClientSyncJson>)
  .openapi('Sync');

/** A sync as administrators see it. */
export const syncForAdmins = z
  .object({
    ...sync.shape,
    trigger: z.enum(['schedule', 'request', 'hint', 'command']).describe('What asked for it.'),
    requested_by: z.string().nullable().describe('The user who asked for it; null for the schedule and hints.'),
    duration_seconds: z
      .number()
      .nonnegative()
      .nullable()
      .describe('From its start to its end, or until now while it runs; null before it has started.'),
  } satisfies ShapeOf<ClientAdminSyncJson>)
  .openapi('AdminSync');

const syncTicket = z
  .object({
    _links: z.object({ request: z.url() }).describe('Where the request can be followed.'),
    status: z.literal(202).describe('The status of the response.'),
    message: z.string().describe('What will happen, in words.'),
    request: z
      .object({ id: z.int().positive(), status: sync.shape.status, task_id: z.uuid() })
      .describe('The new request, or the one that is already waiting or running.'),
  } satisfies ShapeOf<SyncTicketJson>)
  .openapi('SyncTicket');

const TASK_ID = '6f2f2c0e-5f0f-4f38-8a54-0d7f1f0c9f11';

const A_SYNC = {
  id: 68,
  username: 'jm',
  status: 'PROCESSED',
  mode: 'incremental',
  created_on: '2026-11-24T11:54:00.000Z',
  updated_on: '2026-11-24T11:55:00.000Z',
  started_on: '2026-11-24T11:54:01.000Z',
  ended_on: '2026-11-24T11:55:00.000Z',
  added: 1,
  changed: 0,
  deleted: 0,
  images: 12,
  collections: 40,
  failures: 0,
  requests: 40,
  waiting: 0,
  expected_collections: 40,
  collections_per_second: 0.7,
  seconds_left: null,
  task_id: TASK_ID,
  message: { errors: [], warnings: [] },
  type: 'VM',
  user: { username: 'jm' },
} satisfies ClientSyncJson;

export const AN_ADMIN_SYNC = {
  ...A_SYNC,
  trigger: 'schedule',
  requested_by: null,
  duration_seconds: 59,
} satisfies ClientAdminSyncJson;

const A_TICKET = {
  _links: { request: `${EXAMPLE_BASE}/v2/request/image_sync/68` },
  status: 202,
  message: 'the space of "jm" will be synced (incremental)',
  request: { id: 68, status: 'PENDING', task_id: TASK_ID },
};

export const ownSync: Definition = {
  operationId: 'syncOwnSpace',
  summary: 'Sync your space',
  description:
    "Asks for a sync of the caller's own space. While one waits or runs, the answer names that one; if it was running already, another one follows it, since it may have passed what has just changed.",
  tags: ['syncs'],
  security: BY_TOKEN,
  responses: {
    ...gives(202, 'The request.', one(syncTicket, A_TICKET, '/v2/user/image/vm'), ['Location', ...LIMITS]),
    ...refusals('NotFound', 'Conflict'),
  },
};

export const syncById: Definition = {
  operationId: 'showSync',
  summary: 'Show a sync',
  description:
    "Shows the progress of a sync: of the caller's space or requested by the caller; for administrators any.",
  tags: ['syncs'],
  security: BY_TOKEN,
  request: { params: idParameters('request') },
  responses: {
    ...gives(200, 'The request.', one(sync, A_SYNC, '/v2/request/image_sync/68'), LIMITS),
    ...refusals('NotFound'),
  },
};

const listParameters = {
  query: z.object({
    filter: filterParameter(SYNC_LIST.fields, ['status,eq,PROCESSED', 'status,in,PENDING|IN_PROGRESS;username,eq,jm']),
    sort: sortParameter(SYNC_LIST, 'id,desc', ['created_on,desc', 'status;id,desc']),
    ...pageParameters(),
  }),
};

export const ownSyncs: Definition = {
  operationId: 'listOwnSyncs',
  summary: 'List your syncs',
  description: "Lists the syncs of the caller's space and those requested by the caller, newest first.",
  tags: ['syncs'],
  security: BY_TOKEN,
  request: listParameters,
  responses: {
    ...gives(200, 'The requests, or a page of them.', list(sync, A_SYNC, '/v2/request/image_sync'), [
      ...OF_LISTS,
      ...LIMITS,
    ]),
    ...refusals(),
  },
};

export const allSyncs: Definition = {
  operationId: 'listSyncs',
  summary: 'List all syncs',
  description: 'Lists every sync, newest first. Very long lists are available only in pages.',
  tags: ['administration'],
  security: BY_ADMIN,
  request: listParameters,
  responses: {
    ...gives(200, 'The requests, or a page of them.', list(syncForAdmins, AN_ADMIN_SYNC, '/v2/admin/request'), [
      ...OF_LISTS,
      ...LIMITS,
    ]),
    ...refusals('Forbidden'),
  },
};

export const syncCancel: Definition = {
  operationId: 'cancelSync',
  summary: 'Cancel a sync',
  description: 'Cancels a waiting or running sync; what it has found so far is kept.',
  tags: ['administration'],
  security: BY_ADMIN,
  request: { params: idParameters('request') },
  responses: {
    ...gives(
      200,
      'The request, which has now ended.',
      one(sync, { ...A_SYNC, status: 'CANCELLED' }, '/v2/admin/request/68'),
      LIMITS,
    ),
    ...refusals('Forbidden', 'NotFound', 'Conflict'),
  },
};

const oneTicket = one(syncTicket, A_TICKET, '/v2/admin/sync');
const tickets = list(syncTicket, A_TICKET, '/v2/admin/sync').schema;

export const adminSync: Definition = {
  operationId: 'syncSpaces',
  summary: 'Sync one space or all',
  description:
    "Asks for a sync of a user's space or of all spaces. Where one is running already that does as much, the answer names that one, and an incremental one follows it.",
  tags: ['administration'],
  security: BY_ADMIN,
  request: {
    body: {
      required: true,
      description: 'The owner of the space, or all of them.',
      content: { 'application/json': { schema: syncRequestSchema, example: { user: 'jm', mode: 'full' } } },
    },
  },
  responses: {
    ...gives(202, 'The request, or a list of them.', { ...oneTicket, schema: z.union([oneTicket.schema, tickets]) }, [
      'Location',
      ...LIMITS,
    ]),
    ...refusals('Forbidden', 'NotFound', 'Conflict', 'ContentTooLarge'),
  },
};
