import { html } from 'hono/html';
import type { DocsAsset } from './docs-assets.js';

/** The document, as far as the page itself shows it. */
export interface ShownDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

interface PlacedOperation extends Operation {
  readonly method: string;
  readonly path: string;
}

/**
 * The page's own policy: scripts, styles and calls of this origin alone, nothing inline and no code out of texts. The
 * library's style sheet has its icons in itself.
 */
export const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const DOCS_TYPE = 'text/html; charset=utf-8';

/** Methods that every resource has in the same form. */
const COMMON = ['head', 'options'];

/**
 * Renders the page for people: what the API is and a list of its calls, which is all that there is without scripts; with
 * them the library takes the list's place. `root` leads from the page to the root of the API: empty or `../`.
 */
export function docsPage(
  { info, tags, paths }: ShownDocument,
  root: string,
  addresses: Readonly<Record<DocsAsset, string>>,
): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => !COMMON.includes(method))
      .map(([method, operation]): PlacedOperation => ({ ...operation, method, path })),
  );
  const ofTag = (name: string) => operations.filter((operation) => operation.tags[0] === name);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${info.title} ${info.version}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}${addresses['swagger-ui.css']}">
<link rel="stylesheet" href="${root}${addresses['docs.css']}">
<script type="module" src="${root}${addresses['docs.js']}"></script>
<script defer="defer" src="${root}${addresses['swagger-ui.js']}"></script>
</head>
<body>
<header>
<h1>${info.title} ${info.version}</h1>
${info.description.split('\n\n').map(
  (paragraph) => html`<p>${withCode(paragraph)}</p>
`,
)}<p>HEAD answers as GET does, without the body. OPTIONS describes a resource and needs no token.</p>
<p>The same for programs: <a id="document" href="${root}openapi.json">OpenAPI 3.1</a>. The resources as they are:
<a href="${root}v2">the index of the API</a>. <code>src/http/README.md</code> among the documents of the program is a
guide for those who call it.</p>
<p id="standing" role="status"></p>
</header>
<div id="reference"></div>
<main id="calls">
${tags.map(
  ({ name, description }) => html`<section>
<h2>${name}</h2>
<p>${description}</p>
<ul>
${ofTag(name).map(callMarkup)}</ul>
</section>
`,
)}</main>
</body>
</html>
`;
  return page.toString();
}

function callMarkup({ method, path, summary, security }: PlacedOperation) {
  return html`<li><code>${method.toUpperCase()} ${path}</code> ${summary}; needs ${needs(security)}.</li>
`;
}

function needs([first]: Operation['security']): string {
  if (first === undefined) return 'no token';
  if ('password' in first) return 'a user name and a password';
  const scope = first['token']?.[0];
  return scope === undefined ? 'a token' : `a token with the scope "${scope}"`;
}

/** Renders a text in which code stands between backticks. */
function withCode(text: string) {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}
