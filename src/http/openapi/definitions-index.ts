import { z } from '../reply/zod.js';
import { BY_ANYBODY, type Definition, EXAMPLE_BASE, gives, unsigned } from './definitions.js';
import { headers } from './definitions-headers.js';
import { problems } from './definitions-problems.js';

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

const way = z.object({ _links: z.object({ docs: z.string().describe('The page for people.') }) });

export const root: Definition = {
  operationId: 'showWay',
  summary: 'Go to the documentation',
  description: 'Redirects to the page for people, or lists the resources if only JSON is accepted; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: {
    ...apiIndex.responses,
    302: {
      description: 'A redirect to the page.',
      headers: headers('Vary', 'Location'),
      content: { 'application/json': { schema: way, example: { _links: { docs: `${EXAMPLE_BASE}/docs` } } } },
    },
  },
};
