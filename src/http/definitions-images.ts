import { z } from '@hono/zod-openapi';
import { IMAGE_FIELDS } from '../domain/query.js';
import { SEARCH_LIST } from '../domain/search.js';
import { count, type Definition, gives, idParameters, list, one, time } from './definitions.js';
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
  })
  .openapi('Image');

const foundImage = z.object({ user: z.string().describe('Whose image it is.'), ...image.shape }).openapi('FoundImage');

const indexMeta = z.object({
  state: z.enum([...SPACE_STATES, 'none']),
  synced_on: time.nullable().describe('When the list was last known to be whole.'),
});

export const imageList: Definition = {
  description: "Lists the images of the caller's own space.",
  request: {
    query: z.object({
      name: nameParameter(),
      filter: filterParameter(IMAGE_FIELDS, [
        'name,like,%ubuntu%',
        'size,gt,1000000;updated_on,ge,2026-03-02T00:00:00Z',
      ]),
      sort: sortParameter(IMAGE_FIELDS, 'name,asc', ['name', 'name,desc', 'size,desc;name']),
      ...pageParameters(),
    }),
  },
  responses: list(image, 'All images that match.', { index: indexMeta }),
};

export const publicImageList: Definition = {
  ...imageList,
  description: 'Lists the images of the public spaces, the same for everybody.',
  responses: list(foundImage, 'All images that match.', { index: indexMeta }),
};

export const imageSearch: Definition = {
  description:
    'Searches the images of all spaces. Where too many would have to be looked at it asks for a narrower question.',
  request: {
    query: z.object({
      name: nameParameter(),
      filter: filterParameter(SEARCH_LIST.fields, ['user,eq,jm', 'name,like,%ubuntu%;user,ne,lab']),
      sort: sortParameter(SEARCH_LIST.fields, 'name,asc', ['user;name', 'size,desc']),
      ...pageParameters(),
    }),
  },
  responses: list(foundImage, 'All images that match.'),
};

export const imageById: Definition = {
  description: "Shows one image of the caller's own space.",
  request: { params: idParameters('image') },
  responses: gives(200, 'The image.', one(image)),
};

export const publicImageById: Definition = {
  description: "Shows one image of the caller's own space or of a public one.",
  request: { params: idParameters('image') },
  responses: gives(200, 'The image.', one(foundImage)),
};
