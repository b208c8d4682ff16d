import { html } from 'hono/html';
import { type Markup, meaningMarkup, nameOf, propertiesMarkup, type Schema, typeMarkup } from './docs-schema.js';

const JSON_TYPE = 'application/json';

interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
}

export interface ResponseObject {
  readonly $ref?: string;
  readonly description?: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, Media>>;
  /** Other formats, available by Accept. */
  readonly 'x-accepted'?: Readonly<Record<string, Media>>;
}

/** An operation of the document, as far as the page shows it. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

/** An operation with its path and method. */
export interface PlacedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** Renders one operation: parameters, body, a command to try it, and its responses. */
export function operationMarkup(
  { method, path, operation }: PlacedOperation,
  base: string,
  responses: Readonly<Record<string, ResponseObject>>,
): Markup {
  const { operationId, summary, description, parameters = [], requestBody } = operation;
  return html`<section id="${operationId}">
<h3><code>${method.toUpperCase()} ${path}</code> ${summary}</h3>
<p>${description}</p>
<p>${whoMay(operation)}</p>
<pre>${curlLine({ method, path, operation }, base)}</pre>
${parameters.length === 0 ? '' : parametersMarkup(parameters)}
${requestBody === undefined ? '' : html`<h4>Body</h4>${Object.values(requestBody.content).map((media) => mediaMarkup(media))}`}
<h4>Answers</h4>
${Object.entries(operation.responses).map(([status, response]) => responseMarkup(status, response, responses))}
</section>
`;
}

function parametersMarkup(parameters: NonNullable<Operation['parameters']>): Markup {
  const rows = parameters.map(
    ({ name, in: place, required, schema }) => html`<tr><td><code>${name}</code></td>
<td>${place}${required === true ? ', required' : ''}</td><td>${typeMarkup(schema)}</td>
<td>${meaningMarkup(schema)}</td></tr>
`,
  );
  return html`<h4>Parameters</h4>
<table><thead><tr><th>Name</th><th>In</th><th>Type</th><th>Meaning</th></tr></thead><tbody>
${rows}</tbody></table>`;
}

/** Renders a response: with its body if successful, in one line if a problem, since all problems look alike. */
function responseMarkup(
  status: string,
  response: ResponseObject,
  components: Readonly<Record<string, ResponseObject>>,
): Markup {
  const { $ref } = response;
  const found = $ref === undefined ? response : (components[nameOf($ref)] ?? {});
  const { description, headers = {}, content = {}, 'x-accepted': accepted = {} } = found;
  const line = html`<p><b>${status}</b> ${description} <small>${Object.keys(headers).join(', ')}</small></p>`;
  if ($ref !== undefined) return line;
  return html`${line}${Object.entries({ ...content, ...accepted }).map(([type, media]) => mediaMarkup(media, type))}`;
}

function mediaMarkup({ schema, example }: Media, type = JSON_TYPE): Markup {
  const forms = schema?.anyOf ?? (schema === undefined ? [] : [schema]);
  return html`<details><summary>Body${type === JSON_TYPE ? '' : `, ${type}`}</summary>${forms.map(propertiesMarkup)}${
    example === undefined
      ? ''
      : html`<pre>${typeof example === 'string' ? example : JSON.stringify(example, null, 2)}</pre>`
  }</details>
`;
}

function whoMay({ security }: Operation): string {
  const [first] = security;
  if (first === undefined) return 'Needs no token.';
  if ('password' in first) return 'Needs a user name and a password.';
  const scope = first['token']?.[0];
  return scope === undefined ? 'Needs a token.' : `Needs a token with the scope "${scope}".`;
}

/** A command to type in a shell, with the token in a variable. */
function curlLine({ method, path, operation }: PlacedOperation, base: string): string {
  const [first] = operation.security;
  const credentials =
    first === undefined ? [] : 'password' in first ? ['-u jm'] : ['-H "Authorization: Bearer $OVADEX_TOKEN"'];
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.example;
  const data = body === undefined ? [] : [`-d '${JSON.stringify(body)}'`];
  const verb = method === 'get' ? [] : [`-X ${method.toUpperCase()}`];
  const target = path.replace('{id}', '7').replace('{user}', 'jm');
  return ['curl', ...verb, ...credentials, ...data, `'${base}${target}'`].join(' ');
}
