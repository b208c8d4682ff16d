import type { TokenScope } from '../../../src/domain/model/token.js';
import type { HttpDeps } from '../../../src/http/app.js';
import type { Fetch } from '../../../src/http/reply/context.js';
import { createApiScene } from '../../http/api-scene.js';
import { createConsoleScene, type ShownPage } from '../../support/console.js';

type Fields = Readonly<Record<string, string | readonly string[]>>;

/**
 * The console over the API on an index in memory; `instead` answers whatever a test scripts, and null for the rest.
 */
export function createAdminScene(
  overrides: Partial<HttpDeps> = {},
  instead: (request: Request) => Response | null = () => null,
) {
  const scene = createApiScene(overrides);
  const api: Fetch = async (request, env) => instead(request) ?? (await scene.app.fetch(request, env ?? {}));
  const pages = createConsoleScene({ api, clock: () => scene.time.now, publicUrl: null });

  return {
    ...scene,
    pages,
    async signIn(user: string, scopes: readonly TokenScope[] = []) {
      const browser = await pages.signIn(await scene.tokenFor(user, scopes));
      const form = await browser.formToken();
      return {
        get: browser.get,
        open: browser.open,
        /** Sends a form as a page of this session does, and follows where that leads; a field may have several values. */
        async post(path: string, fields: Fields = {}): Promise<ShownPage> {
          const body = new URLSearchParams({ form });
          for (const [name, value] of Object.entries(fields)) {
            for (const each of [value].flat()) body.append(name, each as string);
          }
          const text = body.toString();
          const headers = {
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': `${Buffer.byteLength(text)}`,
            'sec-fetch-site': 'same-origin',
            cookie: browser.cookie,
          };
          const answered = await pages.ask(path, { method: 'POST', headers, body: text });
          const location = answered.headers.get('location');
          if (location !== null) return await browser.get(location.replace(/^\/console/, ''));
          return { status: answered.status, html: await answered.text(), location, headers: answered.headers };
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
