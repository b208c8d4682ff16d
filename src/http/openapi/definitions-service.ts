import { PROBLEM_TYPE, problemBody } from '../reply/problem.js';
import { z } from '../reply/zod.js';
import {
  BY_ADMIN,
  BY_ANYBODY,
  type Definition,
  EXAMPLE_BASE,
  gives,
  LIMITS,
  refusals,
  time,
  unsigned,
} from './definitions.js';
import { headers } from './definitions-headers.js';
import { problemSchema, problems } from './definitions-problems.js';

const pong = z.object({ message: z.literal('pong').describe('Always "pong".') });

export const ping: Definition = {
  operationId: 'ping',
  summary: 'Check that the API is there',
  description: 'Answers if the API is there; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: { ...gives(200, 'The API answers.', unsigned(pong, { message: 'pong' }, '/v2/ping')), ...problems() },
};

const condition = z.object({
  status: z.literal('ok').describe('Always "ok"; trouble is a problem with status 503.'),
  version: z.string().describe('Version of the program.'),
  time: time.describe("Current time by the server's clock."),
});
const ITS_CONDITION = { status: 'ok', version: '1.0.0', time: '2026-11-24T12:00:00.000Z' };

export const status: Definition = {
  operationId: 'showStatus',
  summary: 'Show the condition of the API',
  description: 'Says whether the API can answer from its index; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: {
    ...gives(200, 'The index can be read.', unsigned(condition, ITS_CONDITION, '/v2/status')),
    ...problems('Unavailable'),
  },
};

export const liveness: Definition = {
  operationId: 'showLiveness',
  summary: 'Check that the process is alive',
  description: 'Answers while the process is alive and not about to exit; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: {
    ...gives(200, 'The process is alive.', {
      schema: z.object({ status: z.literal('alive') }),
      example: { status: 'alive' },
    }),
    ...problems('Unavailable'),
  },
};

export const check = z
  .object({
    name: z.string().describe('The name of the check.'),
    ok: z.boolean().describe('Whether it succeeded.'),
    required: z.boolean().describe('Whether readiness depends on it.'),
    detail: z.string().nullable().describe('What is wrong; null if nothing is.'),
  })
  .openapi('HealthCheck');
const readyAnswer = z.object({
  status: z.literal('ready').describe('Always "ready"; otherwise the response is a problem with status 503.'),
  checks: z.array(check).optional().describe('The checks, if they were requested.'),
});
export const A_CHECK = { name: 'index', ok: true, required: true, detail: null };

const NOT_READY = { status: 503, detail: 'not ready: index: it does not answer' };
const notReady = {
  description: 'Not ready: it is starting or stopping, or the index does not answer.',
  headers: headers('Retry-After'),
  content: {
    [PROBLEM_TYPE]: {
      schema: z.object({ ...problemSchema.shape, checks: readyAnswer.shape.checks }).openapi('NotReady'),
      example: JSON.parse(problemBody(NOT_READY, '0b7c5f0e-2f4b-4f0e-9a51-7d1d2b3c4e5f')) as object,
    },
    'text/plain': { schema: z.string(), example: '[-] index failed: it does not answer\nnot ready\n' },
  },
};

export const readiness: Definition = {
  operationId: 'showReadiness',
  summary: 'Check that requests can be served',
  description:
    'Says whether requests can be served: the index can be read, and the process is neither starting nor stopping; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  request: {
    query: z.object({
      verbose: z
        .string()
        .optional()
        .meta({ description: 'Lists the checks, as text if text/plain is accepted; any value.', examples: [''] }),
    }),
  },
  responses: {
    200: {
      description: 'Requests can be served.',
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
  summary: 'Show the metrics',
  description: 'Counters and gauges in the text format of Prometheus.',
  tags: ['service'],
  security: BY_ADMIN,
  responses: {
    200: {
      description: 'The metrics.',
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
  description:
    'This API as a page for people, on which calls can be tried; needs no token. It asks no other server for anything.',
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

/** The body of OPTIONS for every resource. */
const resourceDescription = z
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
          attributes: { username: { description: 'The user whom the token identifies.', type: 'string' } },
        },
      },
    },
  },
  204: {
    description: 'To a browser asking on behalf of a page from an allowed origin: what the page may do.',
    headers: headers('Vary', 'Allow'),
  },
  ...problems(),
};

const resource = z
  .object({
    path: z.string().describe('Path below the address of the API; replace the parts in braces.'),
    url: z.string().describe('The path as a URL.'),
    methods: z.array(z.string()).describe('The allowed methods; OPTIONS describes them.'),
  })
  .openapi('Resource');

const apiItself = z.object({
  version: z.string().describe('Version of the program.'),
  resources: z.array(resource).describe('All resources.'),
  _links: z.object({ docs: z.url(), openapi: z.url() }).describe('The documentation for people and for programs.'),
});

const AN_API = {
  version: '1.0.0',
  resources: [{ path: '/v2/image', url: `${EXAMPLE_BASE}/v2/image`, methods: ['GET', 'HEAD', 'OPTIONS'] }],
  _links: { docs: `${EXAMPLE_BASE}/docs`, openapi: `${EXAMPLE_BASE}/openapi.json` },
};

export const apiIndex: Definition = {
  operationId: 'listResources',
  summary: 'List resources',
  description: 'Lists the resources of the API; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: { ...gives(200, 'The resources.', unsigned(apiItself, AN_API, '/v2/')), ...problems() },
};

const way = z.object({
  _links: z.object({
    console: z.string().optional().describe('The pages for people, if the daemon has them.'),
    docs: z.string().optional().describe('The documentation, if it has none.'),
  }),
});

export const root: Definition = {
  operationId: 'showWay',
  summary: 'Go to the pages for people',
  description:
    'Redirects to the pages for people (/console, or /docs without it), or lists the resources if only JSON is accepted; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: {
    ...apiIndex.responses,
    302: {
      description: 'A redirect to the page.',
      headers: headers('Vary', 'Location'),
      content: { 'application/json': { schema: way, example: { _links: { console: `${EXAMPLE_BASE}/console` } } } },
    },
  },
};
