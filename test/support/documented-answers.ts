import { createSchemas } from './document-schemas.js';
import { tellingIn } from './telling.js';

interface Media {
  readonly schema: object;
}

interface ResponseObject {
  readonly headers?: { readonly [name: string]: object };
  readonly content?: { readonly [type: string]: Media };
  /** Texts that it comes as for whoever accepts them. */
  readonly 'x-accepted'?: { readonly [type: string]: object };
}

/** An OpenAPI document, as far as answers are checked against it. */
export interface Document {
  readonly components: { readonly schemas: { readonly [name: string]: object } };
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation | undefined } };
}

interface Operation {
  readonly responses: { readonly [status: string]: object | undefined };
}

export interface Answered {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** What HTTP and the security headers add to any answer; the document is silent of them. */
const UNDOCUMENTED = new Set([
  ...['origin', 'expose-headers', 'methods', 'headers'].map(
    (what) => `access-control-${what === 'expose-headers' ? what : `allow-${what}`}`,
  ),
  'access-control-max-age',
  'connection',
  'content-length',
  'content-security-policy',
  'content-type',
  'cross-origin-resource-policy',
  'date',
  'keep-alive',
  'transfer-encoding',
  'vary',
  'x-content-type-options',
]);
const PROBLEM = 'application/problem+json';
/** Pages for people, their scripts and style sheets, which are no answers of the API. */
const PAGES = /^\/(?:assets\/|console(?:$|\/))/;
/** What these tell is where the daemon keeps its files and what is wrong with them; to administrators alone. */
const OF_THE_MACHINE = new Set(['/v2/admin/health', '/v2/admin/backup', '/v2/admin/reload']);
/** What a request gets that the document has no operation for, or that is none. */
const OF_NO_OPERATION = new Set([400, 404, 408, 414, 431, 500]);

/**
 * Answers a function that throws for an answer which isn't as the document says (its status, media type, headers,
 * body), or tells of paths, code, SQL or errors of the machine behind it.
 */
export function createAnswerCheck(document: Document): (answered: Answered) => void {
  const schemas = createSchemas(document.components.schemas);
  const templates = Object.keys(document.paths)
    .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+').replaceAll('.', '\\.')}$`) }))
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length);

  const validate = (pointer: string, value: unknown, what: string) => {
    const fault = schemas.faultOf(pointer, () => at(document, pointer), value);
    if (fault !== null) throw new Error(`${what} is not as documented: ${fault}`);
  };

  /** What a `$ref` stands for, and where that is. */
  const resolve = (pointer: string): { readonly pointer: string; readonly found: object } => {
    const found = at(document, pointer);
    return '$ref' in found ? resolve(`${found.$ref}`.slice(1)) : { pointer, found };
  };

  const checkHeaders = (what: string, at: string, documented: object, headers: Headers) => {
    for (const name of Object.keys(documented)) {
      const { pointer, found } = resolve(`${at}/headers/${name}`);
      const value = headers.get(name);
      if (value !== null) validate(`${pointer}/schema`, value, `${what}: the header ${name}`);
      else if ('required' in found && found.required === true) throw new Error(`${what} lacks the header ${name}`);
    }
    const known = new Set(Object.keys(documented).map((name) => name.toLowerCase()));
    const unknown = [...headers.keys()].filter((name) => !known.has(name) && !UNDOCUMENTED.has(name));
    if (unknown.length > 0) throw new Error(`${what} has headers that are not documented: ${unknown.join(', ')}`);
  };

  const checkProblem = (what: string, { headers, body }: Answered) => {
    if (headers.get('content-type') !== PROBLEM) throw new Error(`${what} is no ${PROBLEM}`);
    if (body !== '') validate('/components/schemas/Problem', JSON.parse(body), what);
  };

  const checkSilence = (what: string, { path, status, headers, body }: Answered) => {
    const isOfMachine = OF_THE_MACHINE.has(path) && status !== 401 && status !== 403;
    // What the request itself said it may hear again.
    const told = tellingIn(`${[...headers.values()].join('\n')}\n${body}`.replaceAll(path, ''), isOfMachine);
    if (told !== null) throw new Error(`${what} tells of the machine behind it: ${told}`);
  };

  return (answered) => {
    const { method, status, headers, body } = answered;
    const what = `${status} to ${method} ${answered.path}`;
    if (PAGES.test(answered.path) && (status < 400 || status === 405)) return;
    checkSilence(what, answered);
    // Slashes before and behind lead to the same.
    const path = answered.path.replace(/^\/+/, '/').replace(/(?<=[^/])\/$/, '');
    const template = templates.find(({ pattern }) => pattern.test(path));
    if (template === undefined) {
      if (!OF_NO_OPERATION.has(status)) throw new Error(`${what}: the document has no such path`);
      checkProblem(what, answered);
      return;
    }
    const key = method.toLowerCase();
    const operation = document.paths[template.path]?.[key];
    if (operation === undefined) {
      if (status !== 405 && !OF_NO_OPERATION.has(status)) throw new Error(`${what}: there is no such operation`);
      if (status === 405 && !headers.has('allow')) throw new Error(`${what} lacks the header Allow`);
      checkProblem(what, answered);
      return;
    }
    if (operation.responses[status] === undefined) throw new Error(`${what}: the status is not documented`);
    const { pointer, found } = resolve(`/paths/${escapeKey(template.path)}/${key}/responses/${status}`);
    const { content, headers: documented = {}, 'x-accepted': accepted = {} } = found as ResponseObject;
    checkHeaders(what, pointer, documented, headers);
    if (method === 'HEAD' || content === undefined) {
      if (body !== '') throw new Error(`${what} has a body, and none is documented`);
      return;
    }
    const type = headers.get('content-type')?.split(';')[0] ?? 'no media type';
    if (type in accepted) return;
    if (content[type] === undefined) throw new Error(`${what}: ${type} is not documented`);
    const value: unknown = type.endsWith('json') ? JSON.parse(body) : body;
    validate(`${pointer}/content/${escapeKey(type)}/schema`, value, what);
  };
}

function at(document: Document, pointer: string): object {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((node, key) => (node as Record<string, unknown>)[unescapeKey(key)], document) as object;
}

const escapeKey = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1');
const unescapeKey = (key: string) => key.replaceAll('~1', '/').replaceAll('~0', '~');
