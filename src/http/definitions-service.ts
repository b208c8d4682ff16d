import { z } from '@hono/zod-openapi';
import { BY_ANYBODY, type Definition, gives, time, unsigned } from './definitions.js';
import { headers } from './definitions-headers.js';
import { problems } from './definitions-problems.js';

const pong = z.object({ message: z.literal('pong').describe('Always the same.') });

export const ping: Definition = {
  operationId: 'ping',
  summary: 'Ask for a sign of life',
  description: 'Says that the API is there; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: { ...gives(200, 'It is.', unsigned(pong, { message: 'pong' }, '/v2/ping')), ...problems() },
};

const condition = z.object({
  status: z.literal('ok').describe('Anything else is a problem with the status 503.'),
  version: z.string().describe('Of the program.'),
  time: time.describe('By its clock.'),
});
const ITS_CONDITION = { status: 'ok', version: '1.0.0', time: '2026-11-24T12:00:00.000Z' };

export const status: Definition = {
  operationId: 'showStatus',
  summary: 'Show the condition of the API',
  description: 'Says whether the API can answer from its index; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: {
    ...gives(200, 'It can.', unsigned(condition, ITS_CONDITION, '/v2/status')),
    ...problems('Unavailable'),
  },
};

export const liveness: Definition = {
  operationId: 'showLiveness',
  summary: 'Ask whether the process answers',
  description: 'Says that the process answers; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: {
    ...gives(200, 'It does.', { schema: z.object({ status: z.literal('alive') }), example: { status: 'alive' } }),
    ...problems(),
  },
};

export const openApiDocument: Definition = {
  operationId: 'showOpenApiDocument',
  summary: 'Show this document',
  description: 'This API as an OpenAPI 3.1 document; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: {
    ...gives(200, 'The document.', {
      schema: z.looseObject({ openapi: z.string().describe('The version of OpenAPI.') }),
      example: { openapi: '3.1.0', info: { title: 'ovadex', version: '1.0.0' }, paths: {} },
    }),
    ...problems(),
  },
};

export const docs: Definition = {
  operationId: 'showDocs',
  summary: 'Show this document as a page',
  description: 'This API as a page for people, which loads nothing from anywhere; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: {
    200: {
      description: 'The page.',
      headers: headers('Vary'),
      content: { 'text/html': { schema: z.string(), example: '<!doctype html><title>ovadex 1.0.0</title>' } },
    },
    ...problems(),
  },
};

/** What OPTIONS answers for every resource. */
export const resourceDescription = z
  .object({
    description: z.string(),
    methods: z.array(z.string()),
    parameters: z.record(z.string(), z.looseObject({ description: z.string(), in: z.enum(['path', 'query', 'body']) })),
    attributes: z.record(z.string(), z.looseObject({ description: z.string(), type: z.string() })),
  })
  .openapi('ResourceDescription');

export const DESCRIPTION_RESPONSES: Definition['responses'] = {
  200: {
    description: 'Methods, parameters and attributes.',
    headers: headers('Vary', 'Allow'),
    content: {
      'application/json': {
        schema: resourceDescription,
        example: {
          description: 'Shows the caller.',
          methods: ['GET', 'HEAD', 'OPTIONS'],
          parameters: {},
          attributes: { username: { description: 'Who the token says is calling.', type: 'string' } },
        },
      },
    },
  },
  ...problems(),
};
