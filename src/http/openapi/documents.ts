import { toJson } from '../../domain/text/printable.js';
import type { Assets } from '../assets/assets.js';
import type { Handle } from '../reply/context.js';
import { answer } from '../reply/reply.js';
import { DOCS_ASSETS, type DocsAsset } from './docs-assets.js';
import type { ShownDocument } from './docs-page.js';
import type { Resource } from './route.js';

/** Serves the OpenAPI document of these resources and the page that shows it; each is created on the first request. */
export function createDocumentHandlers(
  resources: readonly Resource[],
  settings: { readonly version: string; readonly publicUrl: string | null },
  assets: Pick<Assets, 'addressOf'>,
): { readonly openApi: Handle; readonly docs: Handle } {
  let text: string | undefined;
  const load = async (): Promise<string> => {
    // Loaded on the first request; see `operations.ts`.
    const { createOpenApiDocument } = await import('./open-api.js');
    text ??= toJson(createOpenApiDocument(resources, settings));
    return text;
  };
  return {
    async openApi(c) {
      return answer(c, 200, await load());
    },
    async docs(c) {
      const [document, addresses, { DOCS_POLICY, DOCS_TYPE, docsPage }] = await Promise.all([
        load(),
        addressesOf(assets),
        import('./docs-page.js'),
      ]);
      // Relative, since a proxy may have another scheme, host name and prefix.
      const root = new URL(c.req.url).pathname.endsWith('/') ? '../' : '';
      const headers = { 'Content-Type': DOCS_TYPE, 'Content-Security-Policy': DOCS_POLICY };
      return answer(c, 200, docsPage(JSON.parse(document) as ShownDocument, root, addresses), headers);
    },
  };
}

/** Asked for with every page: a file that was replaced has another address. */
async function addressesOf(assets: Pick<Assets, 'addressOf'>): Promise<Record<DocsAsset, string>> {
  const named = DOCS_ASSETS.map(async ({ name }) => [name, await assets.addressOf(name)] as const);
  return Object.fromEntries(await Promise.all(named)) as Record<DocsAsset, string>;
}
