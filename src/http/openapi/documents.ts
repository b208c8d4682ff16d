import { toJson } from '../../domain/text/printable.js';
import type { Handle } from '../reply/context.js';
import { answer } from '../reply/reply.js';
import type { Resource } from './route.js';

/** Serves the OpenAPI document of these resources and the page that shows it; each is created once, on the first request. */
export function createDocumentHandlers(
  resources: readonly Resource[],
  settings: { readonly version: string; readonly publicUrl: string | null },
): { readonly openApi: Handle; readonly docs: Handle } {
  const load = async () => {
    // Loaded on the first request; see `operations.ts`.
    const { createOpenApiDocument } = await import('./open-api.js');
    return createOpenApiDocument(resources, settings);
  };
  let text: string | undefined;
  let page: Awaited<ReturnType<typeof createPage>> | undefined;
  return {
    async openApi(c) {
      text ??= toJson(await load());
      return answer(c, 200, text);
    },
    async docs(c) {
      page ??= await createPage(load);
      return answer(c, 200, page.body, page.headers);
    },
  };
}

async function createPage(load: () => Promise<unknown>) {
  const [document, { DOCS_POLICY, DOCS_TYPE, docsPage }] = await Promise.all([load(), import('./docs-page.js')]);
  const headers = { 'Content-Type': DOCS_TYPE, 'Content-Security-Policy': DOCS_POLICY };
  return { body: docsPage(document as Parameters<typeof docsPage>[0]), headers };
}
