import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { type Operation, operationMarkup, type PlacedOperation, type ResponseObject } from './docs-operation.js';
import { propertiesMarkup, type Schema } from './docs-schema.js';

/** The document, as far as the page shows it. */
export interface ShownDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, ResponseObject>>;
  };
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
section { border-top: 1px solid #8888; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #8885; padding: .2rem .5rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
pre { background: #8882; padding: .5rem; overflow-x: auto; }
h3 code { background: #8882; padding: .1rem .3rem; }
`;

/** The page's own policy: nothing is loaded, from anywhere, and this style is the only one. */
export const DOCS_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const DOCS_TYPE = 'text/html; charset=utf-8';

/** Methods that every resource has in the same form; they are only mentioned beside the others. */
const COMMON = ['head', 'options'];

/** Renders the document as a self-contained page for people. */
export function docsPage({ info, servers, tags, paths, components }: ShownDocument): string {
  const [server] = servers;
  const base = server === undefined || server.url === '/' ? 'http://localhost:8080' : server.url;
  const operations: PlacedOperation[] = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  );
  const own = operations.filter(({ method }) => !COMMON.includes(method));
  const common = operations.filter(({ method }) => COMMON.includes(method));
  const groups = tags.map((tag) => ({ ...tag, found: own.filter(({ operation }) => operation.tags[0] === tag.name) }));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${info.title} ${info.version}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<h1>${info.title} ${info.version}</h1>
${info.description.split('\n\n').map((paragraph) => html`<p>${paragraph}</p>`)}
<p>The same for programs: <a href="openapi.json">OpenAPI 3.1</a>.</p>
<nav>${groups.map(({ name, found }) => html`<h2>${name}</h2><ul>${found.map(linkMarkup)}</ul>`)}
</nav>
<main>
${groups.map(
  ({ name, description, found }) => html`<section><h2>${name}</h2><p>${description}</p>
${found.map((each) => operationMarkup(each, base, components.responses))}</section>`,
)}
<section><h2>HEAD and OPTIONS</h2>
<p>HEAD answers as GET does, without the body. OPTIONS describes the resource and needs no token.</p>
<ul>${common.map(
    ({ method, path, operation }) =>
      html`<li id="${operation.operationId}"><code>${method.toUpperCase()} ${path}</code></li>`,
  )}</ul></section>
<section><h2>Schemas</h2>
${Object.entries(components.schemas).map(
  ([name, schema]) => html`<h3 id="schema-${name}">${name}</h3>${propertiesMarkup(schema)}`,
)}
</section>
</main>
</body>
</html>
`;
  return page.toString();
}

function linkMarkup({ method, path, operation: { operationId, summary } }: PlacedOperation) {
  return html`<li><a href="#${operationId}"><code>${method.toUpperCase()} ${path}</code></a> ${summary}</li>
`;
}
