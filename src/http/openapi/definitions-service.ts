import { z } from '@hono/zod-openapi';
import { PROBLEM_TYPE, problemBody } from '../reply/problem.js';
import { BY_ADMIN, BY_ANYBODY, type Definition, gives, LIMITS, refusals, time, unsigned } from './definitions.js';
import { headers } from './definitions-headers.js';
import { problemSchema, problems } from './definitions-problems.js';

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
  description: 'Says that the process answers and goes on; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: {
    ...gives(200, 'It does.', { schema: z.object({ status: z.literal('alive') }), example: { status: 'alive' } }),
    ...problems('Unavailable'),
  },
};

const check = z
  .object({
    name: z.string().describe('What was looked at.'),
    ok: z.boolean().describe('Whether all is well with it.'),
    required: z.boolean().describe('Whether answers depend on it.'),
    detail: z.string().nullable().describe('What is wrong; null where nothing is.'),
  })
  .openapi('HealthCheck');
const readyAnswer = z.object({
  status: z.literal('ready').describe('Anything else is a problem with the status 503.'),
  checks: z.array(check).optional().describe('What was looked at, where that was asked for.'),
});
const A_CHECK = { name: 'index', ok: true, required: true, detail: null };

const NOT_READY = { status: 503, detail: 'not ready: index: it gives no answer' };
const notReady = {
  description: 'Not now: it starts or stops, or the index gives no answer.',
  headers: headers('Retry-After'),
  content: {
    [PROBLEM_TYPE]: {
      schema: z.object({ ...problemSchema.shape, checks: readyAnswer.shape.checks }).openapi('NotReady'),
      example: JSON.parse(problemBody(NOT_READY, '0b7c5f0e-2f4b-4f0e-9a51-7d1d2b3c4e5f')) as object,
    },
    'text/plain': { schema: z.string(), example: '[-] index failed: it gives no answer\nnot ready\n' },
  },
};

export const readiness: Definition = {
  operationId: 'showReadiness',
  summary: 'Ask whether to send requests here',
  description:
    'Says whether requests can be answered: the index can be read, and no start or stop goes on; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  request: {
    query: z.object({
      verbose: z
        .string()
        .optional()
        .meta({ description: 'Lists the checks, as text for whoever accepts text/plain; any value.', examples: [''] }),
    }),
  },
  responses: {
    200: {
      description: 'They can.',
      headers: headers('Vary'),
      content: {
        'application/json': { schema: readyAnswer, example: { status: 'ready', checks: [A_CHECK] } },
        'text/plain': { schema: z.string(), example: '[+] index ok\nready\n' },
      },
    },
    ...problems(),
    503: notReady,
  },
};

export const metrics: Definition = {
  operationId: 'showMetrics',
  summary: 'Show the numbers of the program',
  description: 'Counters and gauges in the text format of Prometheus.',
  tags: ['service'],
  security: BY_ADMIN,
  responses: {
    200: {
      description: 'The numbers.',
      headers: headers('Vary', ...LIMITS),
      content: { 'text/plain': { schema: z.string(), example: 'ovadex_images 12\n' } },
    },
    ...refusals('Forbidden'),
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
  204: {
    description: 'Where a browser asks on behalf of a page on another origin that is allowed: what the page may.',
    headers: headers('Vary', 'Allow'),
  },
  ...problems(),
};
