import { z } from '@hono/zod-openapi';
import { BY_ANYBODY, type Definition, EXAMPLE_BASE, gives, unsigned } from './definitions.js';
import { headers } from './definitions-headers.js';
import { problems } from './definitions-problems.js';

const resource = z
  .object({
    path: z.string().describe('Below the address of the API; what is in braces is to be filled in.'),
    url: z.string().describe('The same as an address.'),
    methods: z.array(z.string()).describe('What may be done there; OPTIONS describes it.'),
  })
  .openapi('Resource');

const apiItself = z.object({
  version: z.string().describe('Of the program.'),
  resources: z.array(resource).describe('All that there is.'),
  _links: z.object({ docs: z.url(), openapi: z.url() }).describe('The documents for people and for programs.'),
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
  summary: 'Lead to the documents',
  description: 'Leads to the page for people, and lists the resources for whoever accepts JSON only; needs no token.',
  tags: ['service'],
  security: BY_ANYBODY,
  responses: {
    ...apiIndex.responses,
    302: {
      description: 'The way to the page.',
      headers: headers('Vary', 'Location'),
      content: { 'application/json': { schema: way, example: { _links: { docs: `${EXAMPLE_BASE}/docs` } } } },
    },
  },
};
