import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { answer } from './answer.js';
import type { Handle, HttpEnv } from './context.js';
import type { Definition } from './definitions.js';
import { describeResource } from './describe.js';
import { refuse } from './problem.js';

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
  observe: (handle: Handle) => Handle,
): (path: string, operations: Operations) => void {
  return (path, operations) => {
    const methods = METHODS.filter((method) => operations[method] !== undefined);
    const allowed = [...methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])), 'OPTIONS'];
    const allow = { Allow: allowed.join(', ') };
    const handles = new Map<string, Handle>();
    const definitions: Definition[] = [];
    for (const method of methods) {
      const [definition, handle] = operations[method] ?? [];
      if (definition === undefined || handle === undefined) continue;
      const route = createRoute({ ...definition, path, method: method.toLowerCase() as Lowercase<typeof method> });
      app.openAPIRegistry.registerPath(route);
      definitions.push(definition);
      handles.set(method, handle);
      if (method === 'GET') handles.set('HEAD', handle); // Hono takes the body away
    }

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
      }),
    );
  };
}
