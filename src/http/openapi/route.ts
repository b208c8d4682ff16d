import type { Hono } from 'hono';
import { getPath } from 'hono/utils/url';
import { toJson } from '../../domain/text/printable.js';
import type { Cors } from '../gate/cors.js';
import type { NoteAnswer, Traffic } from '../gate/traffic.js';
import type { Handle, HttpEnv } from '../reply/context.js';
import { METHODS, type Method } from '../reply/methods.js';
import { refuse } from '../reply/problem.js';
import { answer, answerPreflight } from '../reply/reply.js';

/** The name of an operation; `operations.ts` says why only the name is used. */
type OperationName = keyof typeof import('./operations.js').OPERATIONS;

const SLASH = 47;

/** The operations of a resource by method; HEAD and OPTIONS are added automatically. */
export type Operations = Readonly<Partial<Record<Method, readonly [OperationName, Handle]>>>;

/** A registered resource. */
export interface Resource {
  readonly path: string;
  /** The methods that `Allow` names. */
  readonly allowed: readonly string[];
  readonly operations: readonly (readonly [Method, OperationName])[];
}

export interface Resources {
  /** Registers a path, with parameters in braces, and its operations. */
  put(path: string, operations: Operations): void;
  /** All registered resources, for describing them. */
  readonly all: readonly Resource[];
}

/**
 * Registers resources in an app. OPTIONS describes each without a token; methods without an operation get 405 with
 * `Allow`. One route per path and no middleware keep Hono on its fastest path.
 */
export function createResources(
  app: Hono<HttpEnv>,
  observe: (handle: Handle, note: NoteAnswer) => Handle,
  traffic: Traffic,
  cors: Cors | null = null,
): Resources {
  const all: Resource[] = [];

  const put = (path: string, operations: Operations) => {
    const methods = METHODS.filter((method) => operations[method] !== undefined);
    const allowed = [...methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])), 'OPTIONS'];
    const allow = { Allow: allowed.join(', ') };
    const handles = new Map<string, Handle>();
    const named: [Method, OperationName][] = [];
    for (const method of methods) {
      const [name, handle] = operations[method] ?? [];
      if (name === undefined || handle === undefined) continue;
      named.push([method, name]);
      handles.set(method, handle);
      if (method === 'GET') handles.set('HEAD', handle); // Hono removes the body
    }
    all.push({ path, allowed, operations: named });

    let description: string | undefined;
    handles.set('OPTIONS', async (c) => {
      const preflight = cors?.preflight(c.req.header('origin'), c.req.header('access-control-request-method'));
      if (preflight !== undefined) return answerPreflight(c, { ...allow, ...preflight });
      description ??= await descriptionOf(
        named.map(([, name]) => name),
        allowed,
      );
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
  return { put, all };
}

async function descriptionOf(names: readonly OperationName[], allowed: readonly string[]): Promise<string> {
  // Loaded for whoever asks first; see `operations.ts`.
  const [{ describeResource }, { OPERATIONS }] = await Promise.all([
    import('./options-body.js'),
    import('./operations.js'),
  ]);
  const definitions = names.map((name) => OPERATIONS[name]);
  return toJson(describeResource(definitions, allowed));
}

/**
 * The path that a request is routed by: as it came, but for one slash at its end and all but one at its beginning, which
 * come from an endpoint that was configured with a slash of its own.
 */
export function routedPath(request: Request): string {
  const path = getPath(request);
  const last = path.length - 1;
  if (last === 0 || (path.charCodeAt(last) !== SLASH && path.charCodeAt(1) !== SLASH)) return path;
  return path.replace(/^\/+/, '/').replace(/(?<=[^/])\/$/, '');
}

/** What may be wrong with a path that leads nowhere: a proxy has left on it what `publicUrl` says it takes away. */
export function adviceOnPath(path: string, publicUrl: string | null): string {
  const prefix = publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/$/, '');
  if (prefix === '' || !path.startsWith(`${prefix}/`)) return '';
  return `; publicUrl says that a proxy takes "${prefix}" away before it passes a request on, and it has not`;
}
