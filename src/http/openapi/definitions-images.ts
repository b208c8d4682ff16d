import { IMAGE_FIELDS, IMAGE_LIST } from '../../domain/lists/image-list.js';
import { SEARCH_LIST } from '../../domain/lists/image-search.js';
import { IMAGE_INCLUDES } from '../../domain/lists/image-words.js';
import { SPACE_STATES } from '../../domain/lists/space-states.js';
import type { FoundImageJson, ImageJson } from '../../wire/image.js';
import { CSV_FORM, NDJSON_FORM } from '../lists/render.js';
import { z } from '../reply/zod.js';
import {
  BY_ADMIN,
  BY_TOKEN,
  type Content,
  count,
  type Definition,
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
import { A_DESCRIPTION, details, short, state } from './definitions-descriptions.js';
import { headers } from './definitions-headers.js';
import { filterParameter, nameParameter, pageParameters, sortParameter } from './list-parameters.js';

const shape = {
  name: z.string().describe("The file's name, exactly."),
  path: z.string().describe("Relative to the root of the user's space; stable, and unique in it."),
  id: z.int().positive().describe('Stable for the life of the image, even if it vanishes and returns.'),
  size: count.nullable().describe("In bytes; null where the storage doesn't say."),
  created_on: time.describe('When the image was first seen.'),
  updated_on: time.describe('When its size or content was last seen to change.'),
  modified_on: time.nullable().describe('When it was last changed, according to its storage; null if unknown.'),
  settled: z
    .boolean()
    .describe('Whether it is complete, as far as its storage shows; false while it may still be written to.'),
  state,
} satisfies ShapeOf<Omit<ImageJson, 'ovf'>>;

const ovf = short
  .nullable()
  .optional()
  .describe('Only with include=ovf: what it is, in short; null if it has not been read or has no descriptor.');

export const image = z.object({ ...shape, ovf } satisfies ShapeOf<ImageJson>).openapi('Image');

const user = z.string().describe('The owner of the image.');
const foundImage = z.object({ user, ...image.shape } satisfies ShapeOf<FoundImageJson>).openapi('FoundImage');

const OWNER = z.string().optional().describe('The owner, for an image in a public space.');
/** An image of a list; the caller's own images don't name their owner. */
const maybeFoundImage = z.object({ ...image.shape, user: OWNER }).openapi('ListedImage');

/** An image by id. */
const maybeFoundDetails = z.object({ ...shape, ...details, user: OWNER }).openapi('ImageDetails');
const foundDetails = z.object({ user, ...shape, ...details }).openapi('FoundImageDetails');

export const AN_IMAGE = {
  name: 'Ubuntu_64-bit-vmx10.ova',
  path: 'images/Ubuntu_64-bit-vmx10.ova',
  id: 7,
  size: 1_073_741_824,
  created_on: '2026-03-02T09:30:00.000Z',
  updated_on: '2026-03-02T09:30:00.000Z',
  modified_on: '2026-03-01T17:12:00.000Z',
  settled: true,
  state: 'ok',
} satisfies ImageJson;
const A_FOUND_IMAGE = { user: 'jm', ...AN_IMAGE };
const DETAILS = { ...AN_IMAGE, ...A_DESCRIPTION };

/** How far a list can be trusted. */
export const INDEX = {
  schema: {
    index: z
      .object({
        state: z
          .enum([...SPACE_STATES, 'none', 'unlinked'])
          .describe(
            'The condition of the space; "none" without a space, and "unlinked" if the user may connect one by POST /v2/user/space/link. "stale" also while the database can not be asked whether the list has changed.',
          ),
        synced_on: time.nullable().describe('When the list was last known to be complete.'),
      })
      .openapi('IndexState'),
  },
  example: { index: { state: 'fresh', synced_on: '2026-11-24T11:55:00.000Z' } },
};

const OF_PREPARED = ['Preference-Applied', 'ETag', 'Last-Modified', 'X-Synced-On', ...OF_LISTS] as const;

/**
 * Formats with only the items, one per line. Next to JSON in `content` they would make a list "an object or a text" for
 * generated clients, and programs that use it as an object would not compile.
 */
const OTHER_FORMS = {
  'x-accepted': Object.fromEntries(
    [NDJSON_FORM, CSV_FORM].map((form) => [form.contentType.split(';', 1)[0], { example: form.item(AN_IMAGE) }]),
  ),
};

/** The responses of a list that knows its revision. */
const givesPrepared = (content: Content): Definition['responses'] => ({
  200: {
    description: 'All matching images, or a page of them, as JSON, or as NDJSON or CSV if requested by Accept.',
    headers: headers('Vary', ...OF_PREPARED, 'Content-Encoding', ...LIMITS),
    content: { 'application/json': { ...content } },
    ...OTHER_FORMS,
  },
  304: {
    description: "The client's copy of the list is current.",
    headers: headers('Vary', ...OF_PREPARED, ...LIMITS),
  },
  ...refusals(),
});

/** Validators from an earlier response, so that an unchanged list need not be sent again. */
export const conditions = z.object({
  'if-none-match': z
    .string()
    .optional()
    .meta({
      description: 'Entity tags; if that of the list is among them, the response is 304.',
      examples: ['W/"a-1-7-b-fresh"'],
    }),
  'if-modified-since': z
    .string()
    .optional()
    .meta({
      description: 'Like If-None-Match, but with a date; used only if no tag is sent.',
      examples: ['Tue, 24 Nov 2026 12:00:00 GMT'],
    }),
  prefer: z
    .string()
    .optional()
    .meta({
      description:
        'handling=strict rejects unknown parameters, which are otherwise ignored (RFC 7240). wait=30 delays an answer without news until there are some, so many seconds at most; 60 is the maximum.',
      examples: ['handling=strict', 'wait=30'],
    }),
});

/** A parameter that only existing clients send, with every list. */
const expand = z
  .string()
  .optional()
  .meta({
    description:
      "With any value but 0 and false, lists the images of the public spaces in place of the caller's own: clients that send it merge the list with that of /v2/user/image/vm.",
    examples: ['1'],
  });

export const include = z
  .string()
  .optional()
  .meta({
    description:
      'What each image has besides its usual fields; several words are separated by commas. "ovf" adds what it is, in short.',
    examples: ['ovf'],
    'x-allowed': [...IMAGE_INCLUDES],
  });

const imageQuery = z.object({
  name: nameParameter(),
  filter: filterParameter(IMAGE_FIELDS, [
    'name,like,%ubuntu%',
    'size,gt,1000000;updated_on,ge,2026-03-02T00:00:00Z',
    'settled,eq,true',
    'family,eq,linux;memory_mib,le,4096;state,eq,ok',
  ]),
  sort: sortParameter(IMAGE_LIST, 'name,asc', ['name', 'name,desc', 'size,desc;name']),
  include,
  ...pageParameters(),
});

export const imageList: Definition = {
  operationId: 'listImages',
  summary: 'List images',
  description: "Lists the images of the caller's own space; with expand those of the public spaces.",
  tags: ['images'],
  security: BY_TOKEN,
  request: { query: imageQuery.extend({ expand }), headers: conditions },
  responses: givesPrepared(list(maybeFoundImage, AN_IMAGE, '/v2/image?name=ubuntu', INDEX)),
};

export const ownImageList: Definition = {
  ...imageList,
  description: "Lists the images of the caller's own space.",
  request: { query: imageQuery, headers: conditions },
  operationId: 'listOwnImages',
  summary: 'List your images',
  responses: givesPrepared(list(image, AN_IMAGE, '/v2/user/image/vm', INDEX)),
};

export const publicImageList: Definition = {
  ...imageList,
  request: { query: imageQuery, headers: conditions },
  summary: 'List public images',
  description: 'Lists the images of the public spaces, the same for everybody.',
  responses: givesPrepared(list(foundImage, A_FOUND_IMAGE, '/v2/image?name=ubuntu', INDEX)),
};

export const imageSearch: Definition = {
  operationId: 'searchImages',
  summary: 'Search all spaces',
  description:
    'Searches the images of all spaces. A query that would examine too many is rejected with a request to narrow it.',
  tags: ['administration'],
  security: BY_ADMIN,
  request: {
    query: z.object({
      name: nameParameter(),
      filter: filterParameter(SEARCH_LIST.fields, ['user,eq,jm', 'name,like,%ubuntu%;user,ne,lab']),
      sort: sortParameter(SEARCH_LIST, 'name,asc', ['user;name', 'size,desc']),
      include,
      ...pageParameters(),
    }),
  },
  responses: {
    ...gives(
      200,
      'All matching images, or a page of them.',
      list(foundImage, A_FOUND_IMAGE, '/v2/admin/image?name=ubuntu'),
      [...OF_LISTS, ...LIMITS],
    ),
    ...refusals('Forbidden'),
  },
};

export const imageById: Definition = {
  operationId: 'showImage',
  summary: 'Show an image',
  description: "Shows one image of the caller's own space, or of a public one.",
  tags: ['images'],
  security: BY_TOKEN,
  request: { params: idParameters('image') },
  responses: {
    ...gives(200, 'The image.', one(maybeFoundDetails, DETAILS, '/v2/image/7'), LIMITS),
    ...refusals('NotFound'),
  },
};

export const publicImageById: Definition = {
  ...imageById,
  description: "Shows one image of the caller's own space or of a public one.",
  responses: {
    ...gives(200, 'The image.', one(foundDetails, { user: 'jm', ...DETAILS }, '/v2/image/7'), LIMITS),
    ...refusals('NotFound'),
  },
};
