import type { OpenAPIHono } from '@hono/zod-openapi';
import type { HttpEnv } from './context.js';
import { BY_TOKEN, TAGS } from './definitions.js';
import { HEADERS } from './definitions-headers.js';
import { PROBLEMS, problemResponse, problemSchema } from './definitions-problems.js';

const SECURITY_SCHEMES = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'An access token, a token of `/auth/request-token`, or a JWT of a configured issuer.',
  },
  tokenAsUserName: {
    type: 'http',
    scheme: 'basic',
    description: 'The same as a Basic user name with an empty password.',
  },
  password: {
    type: 'http',
    scheme: 'basic',
    description: "A user's name and password, as the storage knows them.",
  },
} as const;

const DESCRIPTION = `The virtual machine images of WebDAV spaces, from an index that is synced with the storage.

Lists are whole unless a page is asked for. Unknown query parameters are let pass, empty ones mean not given, and
attributes may be added to what is answered: clients ignore what they don't know. Every problem comes as RFC 9457
has it, with \`error\` and \`message\` beside it.`;

export type OpenApiDocument = ReturnType<OpenAPIHono<HttpEnv>['getOpenAPI31Document']>;

/** The document of what was put into the app; made once, when it is first asked for, since that takes some milliseconds. */
export function createOpenApiDocument(
  app: OpenAPIHono<HttpEnv>,
  { version, publicUrl }: { readonly version: string; readonly publicUrl: string | null },
): () => OpenApiDocument {
  const registry = app.openAPIRegistry;
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
  let document: OpenApiDocument | undefined;
  return () => {
    document ??= app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'ovadex', version, description: DESCRIPTION },
      servers: [{ url: publicUrl ?? '/', description: 'This server.' }],
      security: BY_TOKEN,
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    });
    return document;
  };
}
