import { z } from '@hono/zod-openapi';
import { IMAGE_FIELDS, IMAGE_LIST } from '../../domain/lists/image-list.js';
import { SEARCH_LIST } from '../../domain/lists/image-search.js';
import type { FoundImageJson, ImageJson } from '../../wire/image.js';
import { CSV_FORM, NDJSON_FORM } from '../lists/render.js';
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
import { headers } from './definitions-headers.js';
import { SPACE_STATES } from './definitions-spaces.js';
import { filterParameter, nameParameter, pageParameters, sortParameter } from './list-parameters.js';

const image = z
  .object({
    name: z.string().describe("The file's name, exactly."),
    path: z.string().describe("Relative to the root of the user's space; stable, and unique in it."),
    id: z.int().positive().describe('Stable for the life of the image, also when it vanishes and returns.'),
    size: count.nullable().describe("In bytes; null where the storage doesn't say."),
    created_on: time.describe('When the image was first seen.'),
    updated_on: time.describe('When its size or content was last seen to change.'),
    modified_on: time
      .nullable()
      .describe('When its storage says that it was last changed; null where it says nothing.'),
    settled: z
      .boolean()
      .describe('Whether it is whole, as far as its storage tells; false while it may still be written to.'),
  } satisfies ShapeOf<ImageJson>)
  .openapi('Image');

const foundImage = z
  .object({
    user: z.string().describe('Whose image it is.'),
    ...image.shape,
  } satisfies ShapeOf<FoundImageJson>)
  .openapi('FoundImage');

/** Own ones don't say whose they are. */
const maybeFoundImage = z
  .object({ ...image.shape, user: z.string().optional().describe('Whose image it is, of a public space.') })
  .openapi('ListedImage');

const AN_IMAGE = {
  name: 'Ubuntu_64-bit-vmx10.ova',
  path: 'images/Ubuntu_64-bit-vmx10.ova',
  id: 7,
  size: 1_073_741_824,
  created_on: '2026-03-02T09:30:00.000Z',
  updated_on: '2026-03-02T09:30:00.000Z',
  modified_on: '2026-03-01T17:12:00.000Z',
  settled: true,
} satisfies ImageJson;
const A_FOUND_IMAGE = { user: 'jm', ...AN_IMAGE };

/** How far a list can be trusted. */
const INDEX = {
  schema: {
    index: z
      .object({
        state: z.enum([...SPACE_STATES, 'none']).describe('The condition of the space; none where there is none.'),
        synced_on: time.nullable().describe('When the list was last known to be whole.'),
      })
      .openapi('IndexState'),
  },
  example: { index: { state: 'fresh', synced_on: '2026-11-24T11:55:00.000Z' } },
};

const OF_PREPARED = ['ETag', 'Last-Modified', 'X-Synced-On', ...OF_LISTS] as const;

/**
 * The items alone, one a line. Beside JSON in `content` they would make a list "an object or a text" to generated
 * clients, and no program that takes it for an object would compile.
 */
const OTHER_FORMS = {
  'x-accepted': Object.fromEntries(
    [NDJSON_FORM, CSV_FORM].map((form) => [form.contentType.split(';', 1)[0], { example: form.item(AN_IMAGE) }]),
  ),
};

/** An answer of a list that knows its revision. */
const givesPrepared = (content: Content): Definition['responses'] => ({
  200: {
    description: 'All images that match, or a page of them; as JSON, or as NDJSON or CSV for whoever accepts that.',
    headers: headers('Vary', ...OF_PREPARED, 'Content-Encoding', ...LIMITS),
    content: { 'application/json': { ...content } },
    ...OTHER_FORMS,
  },
  304: { description: 'The list is what the client has.', headers: headers('Vary', ...OF_PREPARED, ...LIMITS) },
  ...refusals(),
});

/** What came with an earlier answer, so that the same need not be sent again. */
const conditions = z.object({
  'if-none-match': z
    .string()
    .optional()
    .meta({ description: 'Entity tags: with that of the list the answer is 304.', examples: ['W/"a-1-7-b-fresh"'] }),
  'if-modified-since': z
    .string()
    .optional()
    .meta({ description: 'The same by a date, where no tag is sent.', examples: ['Tue, 24 Nov 2026 12:00:00 GMT'] }),
  prefer: z
    .string()
    .optional()
    .meta({
      description: 'handling=strict makes parameters a fault that would be ignored (RFC 7240).',
      examples: ['handling=strict'],
    }),
});

/** What today's clients send with every list, and only they. */
const expand = z
  .string()
  .optional()
  .meta({
    description:
      'With any value but 0 and false the images of the public spaces are listed instead of the own ones: clients that send it join the list with that of /v2/user/image/vm.',
    examples: ['1'],
  });

const imageQuery = z.object({
  name: nameParameter(),
  filter: filterParameter(IMAGE_FIELDS, [
    'name,like,%ubuntu%',
    'size,gt,1000000;updated_on,ge,2026-03-02T00:00:00Z',
    'settled,eq,true',
  ]),
  sort: sortParameter(IMAGE_LIST, 'name,asc', ['name', 'name,desc', 'size,desc;name']),
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
  summary: 'List own images',
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
    'Searches the images of all spaces. Where too many would have to be looked at it asks for a narrower question.',
  tags: ['administration'],
  security: BY_ADMIN,
  request: {
    query: z.object({
      name: nameParameter(),
      filter: filterParameter(SEARCH_LIST.fields, ['user,eq,jm', 'name,like,%ubuntu%;user,ne,lab']),
      sort: sortParameter(SEARCH_LIST, 'name,asc', ['user;name', 'size,desc']),
      ...pageParameters(),
    }),
  },
  responses: {
    ...gives(
      200,
      'All images that match, or a page of them.',
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
    ...gives(200, 'The image.', one(maybeFoundImage, AN_IMAGE, '/v2/image/7'), LIMITS),
    ...refusals('NotFound'),
  },
};

export const publicImageById: Definition = {
  ...imageById,
  description: "Shows one image of the caller's own space or of a public one.",
  responses: {
    ...gives(200, 'The image.', one(foundImage, A_FOUND_IMAGE, '/v2/image/7'), LIMITS),
    ...refusals('NotFound'),
  },
};
