import { z } from '@hono/zod-openapi';
import { IMAGE_FIELDS, IMAGE_LIST } from '../domain/query.js';
import { SEARCH_LIST } from '../domain/search.js';
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
  one,
  refusals,
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
    settled: z
      .boolean()
      .describe('Whether it is whole, as far as its storage tells; false while it may still be written to.'),
  })
  .openapi('Image');

const foundImage = z.object({ user: z.string().describe('Whose image it is.'), ...image.shape }).openapi('FoundImage');

const AN_IMAGE = {
  name: 'Ubuntu_64-bit-vmx10.ova',
  path: 'images/Ubuntu_64-bit-vmx10.ova',
  id: 7,
  size: 1_073_741_824,
  created_on: '2026-03-02T09:30:00.000Z',
  updated_on: '2026-03-02T09:30:00.000Z',
  settled: true,
};
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

/** An answer of a list that knows its revision. */
const givesPrepared = (content: Content): Definition['responses'] => ({
  ...gives(200, 'All images that match, or a page of them.', content, [
    'ETag',
    'Last-Modified',
    'Link',
    'Content-Encoding',
    ...LIMITS,
  ]),
  304: {
    description: 'The list is what the client has.',
    headers: headers('Vary', 'ETag', 'Last-Modified', 'Link', ...LIMITS),
  },
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
  description: "Lists the images of the caller's own space.",
  tags: ['images'],
  security: BY_TOKEN,
  request: { query: imageQuery, headers: conditions },
  responses: givesPrepared(list(image, AN_IMAGE, '/v2/image?name=ubuntu', INDEX)),
};

export const ownImageList: Definition = {
  ...imageList,
  operationId: 'listOwnImages',
  summary: 'List own images',
  responses: givesPrepared(list(image, AN_IMAGE, '/v2/user/image/vm', INDEX)),
};

export const publicImageList: Definition = {
  ...imageList,
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
      ['Link', ...LIMITS],
    ),
    ...refusals('Forbidden'),
  },
};

export const imageById: Definition = {
  operationId: 'showImage',
  summary: 'Show an image',
  description: "Shows one image of the caller's own space.",
  tags: ['images'],
  security: BY_TOKEN,
  request: { params: idParameters('image') },
  responses: { ...gives(200, 'The image.', one(image, AN_IMAGE, '/v2/image/7'), LIMITS), ...refusals('NotFound') },
};

export const publicImageById: Definition = {
  ...imageById,
  description: "Shows one image of the caller's own space or of a public one.",
  responses: {
    ...gives(200, 'The image.', one(foundImage, A_FOUND_IMAGE, '/v2/image/7'), LIMITS),
    ...refusals('NotFound'),
  },
};
