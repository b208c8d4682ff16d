import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { answer } from './answer.js';
import type { Handle, HttpEnv } from './context.js';
import { BY_ANYBODY, type Definition } from './definitions.js';
import { DESCRIPTION_RESPONSES } from './definitions-service.js';
import { describeResource } from './describe.js';
import { refuse } from './problem.js';
import type { NoteAnswer, Traffic } from './traffic.js';

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

/** What a resource does, by method. HEAD and OPTIONS come by themselves. */
export type Operations = Readonly<Partial<Record<(typeof METHODS)[number], readonly [Definition, Handle]>>>;

/**
 * Answers a function that puts a resource into the app: a path (parameters in
 * braces) with all that may be done there. OPTIONS describes it without a token,
 * any other method gets 405 with `Allow`. One route a path and no middleware
 * keep Hono on its shortest way.
 */
export function createResources(
  app: OpenAPIHono<HttpEnv>,
  observe: (handle: Handle, note: NoteAnswer) => Handle,
  traffic: Traffic,
): (path: string, operations: Operations) => void {
  const register = (path: string, method: string, definition: Definition) => {
    const { tags, ...rest } = definition;
    const route = createRoute({ ...rest, tags: [...tags], path, method: method.toLowerCase() as 'get' });
    app.openAPIRegistry.registerPath(route);
  };

  return (path, operations) => {
    const methods = METHODS.filter((method) => operations[method] !== undefined);
    const allowed = [...methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])), 'OPTIONS'];
    const allow = { Allow: allowed.join(', ') };
    const handles = new Map<string, Handle>();
    const definitions: Definition[] = [];
    for (const method of methods) {
      const [definition, handle] = operations[method] ?? [];
      if (definition === undefined || handle === undefined) continue;
      register(path, method, definition);
      definitions.push(definition);
      handles.set(method, handle);
      if (method !== 'GET') continue;
      handles.set('HEAD', handle); // Hono takes the body away
      register(path, 'HEAD', headOf(definition));
    }
    const [first] = definitions;
    if (first !== undefined) register(path, 'OPTIONS', optionsOf(first));

    let description: string | undefined;
    handles.set('OPTIONS', (c) => {
      description ??= JSON.stringify(describeResource(definitions, allowed));
      return answer(c, 200, description, allow);
    });

    app.all(
      path.replaceAll(/\{(\w+)\}/g, ':$1'),
      observe((c) => {
        const handle = handles.get(c.req.method);
        if (handle !== undefined) return handle(c);
        const detail = `${c.req.method} is not allowed for ${c.req.path}; allowed are ${allow.Allow}`;
        return refuse(c, { status: 405, detail, headers: allow });
      }, traffic.route(path)),
    );
  };
}

/** As GET without the body. Of a problem only the status and the headers come, too. */
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

/** The parameters in the path belong to every method. */
function optionsOf({ operationId, tags, request }: Definition): Definition {
  return {
    operationId: `${operationId}Options`,
    summary: 'Describe the resource',
    description: 'Describes what may be done here, the parameters and the attributes; needs no token.',
    tags,
    security: BY_ANYBODY,
    ...(request?.params === undefined ? {} : { request: { params: request.params } }),
    responses: DESCRIPTION_RESPONSES,
  };
}
