import type { DeletedImageJson } from '../../wire/image-changes.js';
import { MOST_CHANGES } from '../lists/changes-query.js';
import { z } from '../reply/zod.js';
import {
  BY_TOKEN,
  count,
  type Definition,
  EXAMPLE_BASE,
  gives,
  LIMITS,
  linksSchema,
  refusals,
  type ShapeOf,
  time,
} from './definitions.js';
import { headers } from './definitions-headers.js';
import { AN_IMAGE, conditions, INDEX, image, include } from './definitions-images.js';

const deletedImage = z
  .object({
    id: z.int().positive().describe('The id of the image, by which a copy of the list finds it.'),
    path: z.string().describe('Where it was last.'),
    deleted_on: time.describe('When it was last known to be gone.'),
  } satisfies ShapeOf<DeletedImageJson>)
  .openapi('DeletedImage');

const NEXT = '6f3a0c9e1b2d-1-c';
const SINCE = '6f3a0c9e1b2d-1-9';
/** Where a client goes on from. */
const point = (description: string) =>
  z
    .string()
    .optional()
    .meta({ description, examples: [SINCE] });
const TARGET = '/v2/image/changes';
const url = (since: string) => `${EXAMPLE_BASE}${TARGET}?since=${since}`;

const changes = {
  schema: z.object({
    _links: linksSchema,
    data: z.array(image).describe('Images that appeared or changed, as they are now.'),
    deleted: z.array(deletedImage).describe('Images that the list no longer has.'),
    meta: z.object({
      time: z.string().regex(/^\d+\.\d{5}s$/),
      user: z.string(),
      count: count.describe('The number of items in `data`.'),
      ignored: z.array(z.string()).optional().describe('Unknown parameters, if any.'),
      has_more: z.boolean().describe('Whether there are further changes already: ask again at once.'),
      next_since: z.string().describe('Where to go on, at once or later; store it once the changes are stored.'),
      next_url: z.url().describe('The same request with that point.'),
      ...INDEX.schema,
    }),
  }),
  example: {
    _links: { api: `${EXAMPLE_BASE}/v2/`, self: url(SINCE) },
    data: [AN_IMAGE],
    deleted: [{ id: 3, path: 'images/old.ova', deleted_on: '2026-03-02T09:30:00.000Z' }],
    meta: {
      ...{ count: 1, time: '0.00012s', user: 'jm', has_more: false, next_since: NEXT, next_url: url(NEXT) },
      ...INDEX.example,
    },
  },
};

const NAMES = ['Preference-Applied', 'ETag', 'X-Synced-On', ...LIMITS] as const;

export const imageChanges: Definition = {
  operationId: 'listImageChanges',
  summary: 'List what has changed',
  description:
    "Lists what has changed in the list of the caller's own space since a point, each image once, as it is now. Without a point these are all images. Whoever goes on from meta.next_since each time has exactly the list.",
  tags: ['images'],
  security: BY_TOKEN,
  request: {
    query: z.object({
      since: point(
        'meta.next_since of an earlier answer. Without it all images are listed, for a client that has none.',
      ),
      limit: z
        .int()
        .min(1)
        .optional()
        .describe(`Changes at most, at most and by default ${MOST_CHANGES}; larger values are reduced to that.`),
      include,
    }),
    headers: conditions.omit({ 'if-modified-since': true }),
  },
  responses: {
    ...gives(200, 'The changes, or the first of them.', changes, [...NAMES, 'X-Ignored-Parameters']),
    304: {
      description: 'Nothing has changed since the answer with this entity tag.',
      headers: headers('Vary', ...NAMES),
    },
    ...refusals('Gone'),
  },
};

export const ownImageChanges: Definition = {
  ...imageChanges,
  operationId: 'listOwnImageChanges',
  summary: 'List what has changed in your images',
};

/** The events as they are on the wire. */
const EVENTS = `retry: 2000

event: image.changed
data: ${JSON.stringify(AN_IMAGE)}

event: image.deleted
data: {"id":3,"path":"images/old.ova","deleted_on":"2026-03-02T09:30:00.000Z"}
id: ${NEXT}

`;

export const imageEvents: Definition = {
  operationId: 'followImageEvents',
  summary: 'Follow what changes',
  description:
    "Tells what changes in the list of the caller's own space as it is found, as server-sent events: image.changed with the image as it is now, image.deleted with its id and path, and gone, which ends the stream, if nobody can go on from the last id. The id of an event is the point up to which everything is known. Without a point all images are told first.",
  tags: ['images'],
  security: BY_TOKEN,
  request: {
    query: z.object({
      since: point(
        'The id of an event, or meta.next_since of changes; Last-Event-ID wins. Without either all images are told first.',
      ),
      include,
    }),
    headers: z.object({
      'last-event-id': point('The id of the last event, which browsers send by themselves.'),
    }),
  },
  responses: {
    200: {
      description: 'Events, until either side ends the stream.',
      headers: headers('Vary', 'X-Accel-Buffering', ...LIMITS, 'X-Ignored-Parameters'),
      content: { 'text/event-stream': { schema: z.string(), example: EVENTS } },
    },
    ...refusals('Gone'),
  },
};

export const ownImageEvents: Definition = {
  ...imageEvents,
  operationId: 'followOwnImageEvents',
  summary: 'Follow what changes in your images',
};
