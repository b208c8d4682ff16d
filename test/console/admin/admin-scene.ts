import { createConsole } from '../../../src/console/console.js';
import type { TokenScope } from '../../../src/domain/model/token.js';
import type { HttpDeps } from '../../../src/http/app.js';
import { createApiScene } from '../../http/api-scene.js';

const ORIGIN = 'http://127.0.0.1';

/** A page as a browser without scripts has it. */
export interface Shown {
  readonly status: number;
  readonly html: string;
  /** Where a browser is sent on to; null if it isn't. */
  readonly location: string | null;
  readonly headers: Headers;
}

/** Somebody who has signed in. Paths are those below `/console`. */
export interface Visitor {
  get(path: string): Promise<Shown>;
  /** Sends a form with the token of the session, and follows where that leads; values may be several of one name. */
  post(path: string, fields?: Readonly<Record<string, string | readonly string[]>>): Promise<Shown>;
}

/** The console over the API on an index in memory. */
export function createAdminScene(overrides: Partial<HttpDeps> = {}) {
  const scene = createApiScene(overrides);
  const pages = createConsole({
    api: async (request, env) => await scene.app.fetch(request, env),
    publicUrl: null,
    assets: { style: '/assets/console.css', scripts: [], answer: () => null },
    signIns: [],
    endToken: () => undefined,
    logger: { error: () => undefined },
    clock: () => scene.time.now,
  });

  /** Asks like a browser: with the cookie, from a page of this server. */
  const ask = async (path: string, init: RequestInit = {}): Promise<Shown> => {
    const headers = { host: '127.0.0.1', 'sec-fetch-site': 'same-origin', ...(init.headers as Record<string, string>) };
    const response = await pages(new Request(`${ORIGIN}${path}`, { ...init, headers }), {});
    const { status, headers: given } = response;
    return { status, html: await response.text(), location: given.get('location'), headers: given };
  };

  const send = (path: string, body: URLSearchParams, cookie: string) => {
    const text = body.toString();
    const headers = {
      cookie,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': `${Buffer.byteLength(text)}`,
    };
    return ask(path, { method: 'POST', body: text, headers });
  };

  return {
    ...scene,
    pages,
    ask,
    async signIn(user: string, scopes: readonly TokenScope[] = []): Promise<Visitor> {
      const token = await scene.tokenFor(user, scopes);
      const entered = await send('/console/sign-in', new URLSearchParams({ token }), '');
      const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
      const get = (path: string) => ask(`/console${path}`, { headers: { cookie } });
      const followed = async (shown: Shown) =>
        shown.status === 303 && shown.location !== null ? await ask(shown.location, { headers: { cookie } }) : shown;
      let form: string | undefined;
      return {
        get,
        async post(path, fields = {}) {
          form ??= /name="form" value="([^"]+)"/.exec((await get('/nothing')).html)?.[1] ?? '';
          const body = new URLSearchParams({ form });
          for (const [name, value] of Object.entries(fields)) {
            for (const each of [value].flat()) body.append(name, each as string);
          }
          return await followed(await send(`/console${path}`, body, cookie));
        },
      };
    },
  };
}

/** Returns the text of a page as one reads it: without tags, spaces in a row as one. */
export function readable(html: string): string {
  return html
    .replace(/^[\s\S]*<main[^>]*>/, '')
    .replace(/<\/main>[\s\S]*$/, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();
}
