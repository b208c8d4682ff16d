import type { AssetSource } from '../assets/source.js';

/** The library that shows the API and tries calls. */
const LIBRARY = 'swagger-ui-dist';

/** What the page at `/docs` loads. */
export const DOCS_ASSETS = [
  { name: 'swagger-ui.js', from: { package: LIBRARY, file: 'swagger-ui-bundle.js' } },
  { name: 'swagger-ui.css', from: { package: LIBRARY, file: 'swagger-ui.css' } },
  { name: 'docs.js', from: 'docs.js' },
  { name: 'docs.css', from: 'docs.css' },
] as const satisfies readonly AssetSource[];

/** The name of one of them. */
export type DocsAsset = (typeof DOCS_ASSETS)[number]['name'];
