import { HELD_LIST } from '../../domain/lists/held-list.js';
import { SPACE_LIST } from '../../domain/lists/space-list.js';
import { SPACE_STATES } from '../../domain/lists/space-states.js';
import type { ForgottenUserJson } from '../../wire/departed.js';
import type { HeldImageJson } from '../../wire/image.js';
import type { HeldRemovalJson, SpaceErrorJson, SpaceJson } from '../../wire/space.js';
import { z } from '../reply/zod.js';
import {
  BY_ADMIN,
  count,
  type Definition,
  gives,
  LIMITS,
  list,
  OF_LISTS,
  one,
  refusals,
  type ShapeOf,
  time,
} from './definitions.js';
import { filterParameter, nameParameter, pageParameters, sortParameter } from './list-parameters.js';

export const space = z
  .object({
    user: z.string().describe('The owner of the space.'),
    url: z.url().describe('The URL of its root on the storage.'),
    state: z.enum(SPACE_STATES).describe('Its condition in one word.'),
    images: count.describe('Images that are listed.'),
    described_images: count.describe('Images of which it is known what they are: ok, incomplete or broken.'),
    waiting_images: count.describe(
      'Images of which it is not known yet what they are, without those that are being uploaded.',
    ),
    incomplete_images: count.describe('Images of which a file is missing, or that end too early.'),
    broken_images: count.describe('Images that can never be deployed as they are.'),
    read_bytes: count.describe('Bytes received to learn what images are, also those that are gone.'),
    collections: count.describe('Collections that are known.'),
    revision: count.describe('Increases with every visible change.'),
    last_success_on: time.nullable().describe('When a sync last listed everything.'),
    last_sync_on: time.nullable().describe('When a sync last finished.'),
    last_error: z
      .object({
        kind: z.enum(['failed', 'incomplete', 'unauthorized']),
        message: z.string(),
        on: time,
      } satisfies ShapeOf<SpaceErrorJson>)
      .nullable()
      .describe('Trouble of the last sync; null after a successful one.'),
    held_removals: count.nullable().describe('Images whose removal is held back for confirmation, or null.'),
    removals_refused: z.boolean().describe('Whether an administrator refused the held removal.'),
    next_sync_on: time.nullable().describe('When its next sync is due.'),
    age_seconds: count.nullable().describe('Time since a sync last listed everything, in seconds.'),
    expected_age_seconds: z
      .number()
      .nullable()
      .describe('For how many seconds the list has been outdated on average, by how often the space changes.'),
    changes_per_day: z.number().describe('How often it changes, as far as syncs have told.'),
    look_interval_seconds: count
      .nullable()
      .describe('From the last sync that listed everything to the next that is planned, in seconds.'),
    look: z
      .enum(['search', 'markers', 'walk'])
      .describe(
        "How syncs between full ones find changes: the storage's search tells where, unchanged ETags and dates tell what to skip, or every folder is listed.",
      ),
    pruning: z
      .enum(['learning', 'names', 'subtree', 'believed', 'off'])
      .describe(
        'What unchanged ETags and dates have proved, so that it need not be listed: here or, if `believed`, in other spaces of the storage.',
      ),
    mismatches: count.describe('Changes that ETags and dates did not show.'),
    search: z
      .enum(['none', 'on', 'off'])
      .describe("Whether the storage's own search tells where to look between full syncs."),
    search_misses: count.describe('Images in which that search and the listings differed.'),
    search_trouble: z.string().nullable().describe('Why that search is not used, or null.'),
    is_linked: z.boolean().describe('Whether its user has connected its storage.'),
  } satisfies ShapeOf<SpaceJson>)
  .openapi('Space');

export const A_SPACE = {
  user: 'jm',
  url: 'https://cloud.example.org/dav/jm/',
  state: 'fresh',
  images: 12,
  described_images: 11,
  waiting_images: 1,
  incomplete_images: 1,
  broken_images: 0,
  read_bytes: 262_144,
  collections: 40,
  revision: 7,
  last_success_on: '2026-11-24T11:55:00.000Z',
  last_sync_on: '2026-11-24T11:55:00.000Z',
  last_error: null,
  held_removals: null,
  removals_refused: false,
  next_sync_on: '2026-11-24T12:10:00.000Z',
  age_seconds: 300,
  expected_age_seconds: 1.6,
  changes_per_day: 3,
  look_interval_seconds: 900,
  look: 'markers',
  pruning: 'names',
  mismatches: 0,
  search: 'none',
  search_misses: 0,
  search_trouble: null,
  is_linked: false,
} satisfies SpaceJson;

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
        'broken_images,gt,0',
        'state,in,failing,held,suspended',
      ]),
      sort: sortParameter(SPACE_LIST, 'user,asc', ['images,desc', 'last_success_on', 'waiting_images,desc']),
      ...pageParameters(),
    }),
  },
  responses: {
    ...gives(200, 'All spaces, or a page of them.', list(space, A_SPACE, '/v2/admin/space'), [...OF_LISTS, ...LIMITS]),
    ...refusals('Forbidden'),
  },
};

const userParameter = z.object({ user: z.string().meta({ description: 'The owner of the space.', examples: ['jm'] }) });

export const oneSpace = (target: string) =>
  ({
    tags: ['administration'],
    security: BY_ADMIN,
    request: { params: userParameter },
    responses: {
      ...gives(200, 'The space.', one(space, A_SPACE, target), LIMITS),
      ...refusals('Forbidden', 'NotFound'),
    },
  }) satisfies Partial<Definition>;

export const spaceAccept: Definition = {
  operationId: 'acceptRemovals',
  summary: 'Accept a held removal',
  description: 'Allows a held removal at the next sync.',
  ...oneSpace('/v2/admin/space/jm/accept'),
};

export const spaceKeep: Definition = {
  operationId: 'refuseRemovals',
  summary: 'Refuse a held removal',
  description:
    'Keeps the images of a held removal, whatever later syncs find, until an administrator accepts it or the storage shows them again.',
  ...oneSpace('/v2/admin/space/jm/keep'),
};

const heldImage = z
  .object({
    path: z.string().describe("Relative to the root of the user's space."),
    name: z.string().describe("The file's name, exactly."),
    id: z.int().positive().describe('The id of the image.'),
    size: count.nullable().describe("In bytes; null where the storage doesn't say."),
    missed_since: time.nullable().describe('When a sync first found it gone; null if unknown.'),
  } satisfies ShapeOf<HeldImageJson>)
  .openapi('HeldImage');

const A_HELD_IMAGE = {
  path: 'images/Ubuntu_64-bit-vmx10.ova',
  name: 'Ubuntu_64-bit-vmx10.ova',
  id: 7,
  size: 1_073_741_824,
  missed_since: '2026-11-24T11:55:00.000Z',
} satisfies HeldImageJson;

/** Facts needed to accept or refuse the removal. */
const HELD = {
  schema: {
    held: z
      .object({
        removals: count.describe('Images whose removal is held.'),
        refused: z.boolean().describe('Whether an administrator refused it.'),
        reasons: z.array(z.string()).describe('Why it is held, in words.'),
      } satisfies ShapeOf<HeldRemovalJson>)
      .openapi('HeldRemoval'),
  },
  example: {
    held: {
      removals: 1,
      refused: false,
      reasons: [
        '1 of 1 image is gone from the storage; it is not removed until the next sync agrees or an administrator accepts it',
      ],
    },
  },
};

export const spaceHeld: Definition = {
  ...oneSpace('/v2/admin/space/jm/held'),
  operationId: 'listHeldImages',
  summary: 'List held images',
  description: 'Lists the images that a held removal would take away. Very long lists are available only in pages.',
  request: {
    params: userParameter,
    query: z.object({
      name: nameParameter(),
      filter: filterParameter(HELD_LIST.fields, ['path,like,lab/%', 'missed_since,lt,2026-03-02T00:00:00Z']),
      sort: sortParameter(HELD_LIST, 'path,asc', ['path', 'size,desc', 'missed_since']),
      ...pageParameters(),
    }),
  },
  responses: {
    ...gives(
      200,
      'All matching images, or a page of them.',
      list(heldImage, A_HELD_IMAGE, '/v2/admin/space/jm/held', HELD),
      [...OF_LISTS, ...LIMITS],
    ),
    ...refusals('Forbidden', 'NotFound'),
  },
};

const forgotten = z
  .object({
    user: z.string().describe('The user who was deleted.'),
    images: count.describe('Deleted images, including tombstones.'),
    collections: count.describe('Deleted collections.'),
    syncs: count.describe('Deleted requests.'),
    tokens: count.describe('Deleted access tokens, which are no longer valid.'),
  } satisfies ShapeOf<ForgottenUserJson>)
  .openapi('Forgotten');
const FORGOTTEN = { user: 'jm', images: 14, collections: 40, syncs: 100, tokens: 1 } satisfies ForgottenUserJson;
const theSpace = oneSpace('/v2/admin/space/jm');

export const spaceForget: Definition = {
  ...theSpace,
  operationId: 'forgetUser',
  summary: 'Forget a user',
  description:
    'Deletes everything stored about a user: images, collections, requests and tokens. Refused while the space is configured, since it would come back at once.',
  responses: {
    ...gives(200, 'What was deleted.', one(forgotten, FORGOTTEN, '/v2/admin/space/jm'), LIMITS),
    ...refusals('Forbidden', 'NotFound', 'Conflict'),
  },
};

export const spaceResume: Definition = {
  operationId: 'resumeSpace',
  summary: 'Resume a suspended space',
  description: 'Ends the suspension of a space, whose next sync is then due at once.',
  ...oneSpace('/v2/admin/space/jm/resume'),
};
