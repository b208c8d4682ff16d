import type { Fetch, HttpEnv } from '../../http/reply/context.js';

/** What the API has answered. */
export type Answer<Data> =
  | { readonly isGood: true; readonly data: Data; readonly meta: Meta }
  | {
      readonly isGood: false;
      readonly status: number;
      readonly detail: string;
      /** The parameters that were refused; none if it isn't a question of these. */
      readonly parameters?: readonly string[];
    };

/** What screens use of the `meta` of an answer. */
export interface Meta {
  readonly pages?: Pages;
  /** Of a list of held images. */
  readonly held?: { readonly removals: number; readonly refused: boolean; readonly reasons: readonly string[] };
  readonly index?: { readonly state: string; readonly synced_on: string | null };
}

export interface Pages {
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  readonly next_url: string | null;
  readonly prev_url: string | null;
}

/** Values of a query; null and an empty text aren't sent. */
export type Query = Readonly<Record<string, string | number | null | undefined>>;

/**
 * Asks the API on behalf of whoever has signed in. The console has no other way to anything, so that nobody can do by
 * it what the API wouldn't let them do, and all is limited, logged and audited in one place.
 */
export interface Ask {
  get<Data>(path: string, query?: Query): Promise<Answer<Data>>;
  send<Data>(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Answer<Data>>;
  /** Returns an answer as it comes, for whatever has no `data`. */
  raw(
    method: 'GET' | 'POST',
    path: string,
    headers?: Readonly<Record<string, string>>,
    query?: Query,
  ): Promise<Response>;
}

/** Headers of the browser's request that the API has to know: who calls, by which proxies, under which id. */
const PASSED_ON = ['host', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-request-id'] as const;

/** `authorization` is the header that says who asks; null for nobody. */
export function createAsk(
  api: Fetch,
  { request, bindings }: { readonly request: Request; readonly bindings: HttpEnv['Bindings'] | undefined },
  authorization: string | null,
): Ask {
  // Without where answers are written: these aren't for the browser.
  const incoming = bindings?.incoming;
  const env = incoming === undefined ? {} : { incoming };

  const call = async (method: string, path: string, more: Readonly<Record<string, string>> = {}, body?: object) => {
    const headers = new Headers(more);
    for (const name of PASSED_ON) {
      const value = request.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    if (authorization !== null) headers.set('authorization', authorization);
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return await api(new Request(new URL(path, request.url), init), env);
  };

  return {
    get: async (path, query = {}) => read(await call('GET', path + queryText(query))),
    send: async (method, path, body) =>
      read(await call(method, path, body === undefined ? {} : { 'content-type': 'application/json' }, body)),
    raw: (method, path, headers = {}, query = {}) => call(method, path + queryText(query), headers),
  };
}

/** Returns a query as text, with its question mark; nothing for none. */
export function queryText(query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') given.append(name, `${value}`);
  }
  return given.size === 0 ? '' : `?${given}`;
}

interface Body<Data> {
  readonly data: Data;
  readonly meta: Meta;
  readonly detail?: string;
  readonly errors?: readonly { readonly parameter?: string }[];
}

async function read<Data>(response: Response): Promise<Answer<Data>> {
  const { status, ok } = response;
  const { data, meta, detail = '', errors = [] } = (await response.json()) as Body<Data>;
  if (ok) return { isGood: true, data, meta };
  return { isGood: false, status, detail, parameters: errors.flatMap(({ parameter }) => parameter ?? []) };
}
