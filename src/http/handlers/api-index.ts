import type { Resource } from '../openapi/route.js';
import type { Handle } from '../reply/context.js';
import { itemBody } from '../reply/envelope.js';
import { linksOf } from '../reply/links.js';
import { answer } from '../reply/reply.js';

/** Creates the answers to `_links.api` and to an empty path: the resources of the API, and the page for people. */
export function createIndexHandlers(
  resources: readonly Resource[],
  {
    version,
    publicUrl,
    page,
  }: {
    readonly version: string;
    readonly publicUrl: string | null;
    /** Where people are sent. */
    readonly page: 'console' | 'docs';
  },
): { readonly index: Handle; readonly root: Handle } {
  const index: Handle = (c) => {
    const links = linksOf(c.req.url, publicUrl);
    const { base } = links;
    const item = {
      version,
      resources: resources.map(({ path, allowed }) => ({ path, url: base + path, methods: allowed })),
      _links: { docs: `${base}/docs`, openapi: `${base}/openapi.json` },
    };
    return answer(c, 200, itemBody(c, links, item));
  };
  return {
    index,
    root(c) {
      if (isProgram(c.req.header('accept'))) return index(c);
      // Relative without publicUrl: a proxy may have another scheme, host name and prefix.
      const place = publicUrl === null ? page : `${publicUrl}/${page}`;
      return answer(c, 302, JSON.stringify({ _links: { [page]: place } }), { Location: place, Vary: 'Accept' });
    },
  };
}

/** Whether a client accepts JSON but no HTML page. */
function isProgram(accept = ''): boolean {
  return /\bapplication\/json\b/i.test(accept) && !/\btext\/html\b/i.test(accept);
}
