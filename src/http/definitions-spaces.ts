import { z } from '@hono/zod-openapi';
import { SPACE_LIST } from '../domain/space-query.js';
import { count, type Definition, gives, list, one, time } from './definitions.js';
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

const userParameters = z.object({ user: z.string().describe('Whose space.') });

export const spaceList: Definition = {
  description: 'Lists the spaces and their condition.',
  request: {
    query: z.object({
      filter: filterParameter(SPACE_LIST.fields, [
        'user,like,a%',
        'images,eq,0;last_success_on,lt,2026-03-02T00:00:00Z',
      ]),
      sort: sortParameter(SPACE_LIST.fields, 'user,asc', ['images,desc', 'last_success_on']),
      ...pageParameters(),
    }),
  },
  responses: list(space, 'All spaces.'),
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
