import { z } from '@hono/zod-openapi';
import { SPACE_LIST } from '../domain/space-query.js';
import { BY_ADMIN, count, type Definition, gives, LIMITS, list, one, refusals, time } from './definitions.js';
import { filterParameter, pageParameters, sortParameter } from './list-parameters.js';

export const SPACE_STATES = ['pending', 'fresh', 'stale', 'failing', 'held', 'suspended'] as const;

const space = z
  .object({
    user: z.string().describe('Whose space it is.'),
    url: z.url().describe('Its root on the storage.'),
    state: z.enum(SPACE_STATES).describe('Its condition in one word.'),
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

const A_SPACE = {
  user: 'jm',
  url: 'https://cloud.example.org/dav/jm/',
  state: 'fresh',
  images: 12,
  collections: 40,
  revision: 7,
  last_success_on: '2026-11-24T11:55:00.000Z',
  last_sync_on: '2026-11-24T11:55:00.000Z',
  last_error: null,
  held_removals: null,
  next_sync_on: '2026-11-24T12:10:00.000Z',
  pruning: 'names',
  mismatches: 0,
};

export const spaceList: Definition = {
  operationId: 'listSpaces',
  summary: 'List spaces',
  description: 'Lists the spaces and their condition.',
  tags: ['administration'],
  security: BY_ADMIN,
  request: {
    query: z.object({
      filter: filterParameter(SPACE_LIST.fields, [
        'user,like,a%',
        'images,eq,0;last_success_on,lt,2026-03-02T00:00:00Z',
      ]),
      sort: sortParameter(SPACE_LIST, 'user,asc', ['images,desc', 'last_success_on']),
      ...pageParameters(),
    }),
  },
  responses: {
    ...gives(200, 'All spaces, or a page of them.', list(space, A_SPACE, '/v2/admin/space'), ['Link', ...LIMITS]),
    ...refusals('Forbidden'),
  },
};

const oneSpace = (target: string) =>
  ({
    tags: ['administration'],
    security: BY_ADMIN,
    request: { params: z.object({ user: z.string().meta({ description: 'Whose space.', examples: ['jm'] }) }) },
    responses: {
      ...gives(200, 'The space.', one(space, A_SPACE, target), LIMITS),
      ...refusals('Forbidden', 'NotFound'),
    },
  }) satisfies Partial<Definition>;

export const spaceByUser: Definition = {
  operationId: 'showSpace',
  summary: 'Show a space',
  description: 'Shows the condition of one space.',
  ...oneSpace('/v2/admin/space/jm'),
};

export const spaceAccept: Definition = {
  operationId: 'acceptRemovals',
  summary: 'Accept a held removal',
  description: 'Lets a held removal through at the next sync.',
  ...oneSpace('/v2/admin/space/jm/accept'),
};

const forgotten = z
  .object({
    user: z.string().describe('Who is forgotten.'),
    images: count.describe('Images that were removed, tombstones included.'),
    collections: count.describe('Collections that were removed.'),
    syncs: count.describe('Requests that were removed.'),
    tokens: count.describe('Access tokens that were removed, and are good no more.'),
  })
  .openapi('Forgotten');
const FORGOTTEN = { user: 'jm', images: 14, collections: 40, syncs: 100, tokens: 1 };
const theSpace = oneSpace('/v2/admin/space/jm');

export const spaceForget: Definition = {
  ...theSpace,
  operationId: 'forgetUser',
  summary: 'Forget a user',
  description:
    'Removes all that is known of a user: images, collections, requests and tokens. Refused while the space is configured, as it would be back at once.',
  responses: {
    ...gives(200, 'What was removed.', one(forgotten, FORGOTTEN, '/v2/admin/space/jm'), LIMITS),
    ...refusals('Forbidden', 'NotFound', 'Conflict'),
  },
};

export const spaceResume: Definition = {
  operationId: 'resumeSpace',
  summary: 'Resume a suspended space',
  description: 'Ends the suspension of a space: it is due at once.',
  ...oneSpace('/v2/admin/space/jm/resume'),
};
