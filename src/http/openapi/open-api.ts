import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { BY_ANYBODY, BY_TOKEN, type Definition, TAGS } from './definitions.js';
import { HEADERS } from './definitions-headers.js';
import { PROBLEMS, problemResponse, problemSchema } from './definitions-problems.js';
import { DESCRIPTION_RESPONSES } from './definitions-service.js';
import { OPERATIONS } from './operations.js';
import type { Resource } from './route.js';

/**
 * Basic with a token is only described in words: of two schemes hey-api uses the last one that it knows, and would send
 * a bare token as Basic.
 */
const SECURITY_SCHEMES = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description: `An access token, a token of \`/auth/request-token\`, or a JWT of a configured issuer. It is also accepted as the password of any Basic user name, or as the user name with an empty password, which proxies write to their logs.`,
  },
  password: {
    type: 'http',
    scheme: 'basic',
    description: "A user's name and password, as the storage knows them.",
  },
} as const;

const DESCRIPTION = `The virtual machine images of WebDAV spaces, from an index that is synced with the storage.

Lists are whole unless a page is asked for. Empty query parameters mean not given; of \`name\` and \`filter\` several must all be
met, and any other that is repeated is refused. Unknown ones are told in \`meta.ignored\` and \`X-Ignored-Parameters\`, or refused with
\`Prefer: handling=strict\`. Attributes may be added to what is answered: clients ignore what they don't know. Every problem comes as RFC 9457
has it, with \`error\` and \`message\` beside it.`;

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

/** Creates the document of these resources, which takes some milliseconds. */
export function createOpenApiDocument(
  resources: readonly Resource[],
  { version, publicUrl }: { readonly version: string; readonly publicUrl: string | null },
): OpenApiDocument {
  const app = new OpenAPIHono(); // serves no requests
  const registry = app.openAPIRegistry;
  for (const resource of resources) registerResource(registry, resource);
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES)) {
    registry.registerComponent('securitySchemes', name, { ...scheme });
  }
  for (const [name, header] of Object.entries(HEADERS)) {
    registry.registerComponent('headers', name, header as { description: string });
  }
  registry.register('Problem', problemSchema);
  for (const [name, problem] of Object.entries(PROBLEMS)) {
    registry.registerComponent('responses', name, problemResponse(problem) as { description: string });
  }
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'ovadex', version, description: DESCRIPTION },
    servers: [{ url: publicUrl ?? '/', description: 'This server.' }],
    security: BY_TOKEN,
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  });
}

function registerResource(registry: OpenAPIHono['openAPIRegistry'], { path, operations: named }: Resource): void {
  const register = (method: string, { tags, ...rest }: Definition) => {
    registry.registerPath(createRoute({ ...rest, tags: [...tags], path, method: method.toLowerCase() as 'get' }));
  };
  for (const [method, name] of named) {
    register(method, OPERATIONS[name]);
    if (method === 'GET') register('HEAD', headOf(OPERATIONS[name]));
  }
  const [first] = named;
  if (first !== undefined) register('OPTIONS', optionsOf(OPERATIONS[first[1]]));
}

/** Defines HEAD like GET without the body; problems, too, consist only of status and headers. */
function headOf(definition: Definition): Definition {
  const responses = Object.entries(definition.responses).map(([status, response]) => {
    if ('$ref' in response) return [status, response];
    const { content: _content, ...rest } = response;
    return [status, rest];
  });
  return {
    ...definition,
    operationId: `${definition.operationId}Head`,
    summary: `${definition.summary}: the headers`,
    responses: Object.fromEntries(responses),
  };
}

/** Defines OPTIONS, which also has the parameters in the path. */
function optionsOf({ operationId, tags, request }: Definition): Definition {
  return {
    operationId: `${operationId}Options`,
    summary: 'Describe the resource',
    description: 'Describes the allowed methods, parameters and attributes; needs no token.',
    tags,
    security: BY_ANYBODY,
    ...(request?.params === undefined ? {} : { request: { params: request.params } }),
    responses: DESCRIPTION_RESPONSES,
  };
}
