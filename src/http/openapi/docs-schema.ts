import { html } from 'hono/html';

/** A piece of HTML whose texts are escaped. */
export type Markup = ReturnType<typeof html>;

/** A schema of the document, as far as the page shows it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

/** The last part of a reference to a component. */
export const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

/** Renders the type of a value in one line: `list of Image`, `integer or null`. */
export function typeMarkup(schema: Schema): Markup {
  if (schema.$ref !== undefined) {
    const name = nameOf(schema.$ref);
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.anyOf !== undefined) return joined(schema.anyOf.map(typeMarkup), ' or ');
  if (schema.items !== undefined) return html`list of ${typeMarkup(schema.items)}`;
  const types = [schema.type ?? 'any'].flat().join(' or ');
  return html`${schema.format === undefined ? types : `${types}, ${schema.format}`}`;
}

/** Renders the properties of an object, with those of nested objects indented after them. */
export function propertiesMarkup(schema: Schema): Markup {
  const { properties, required = [] } = schema;
  if (properties === undefined) return html`<p>${typeMarkup(schema)}</p>`;
  const rows = Object.entries(properties).map(
    ([name, property]) => html`<tr><td><code>${name}</code>${required.includes(name) ? '' : ' (optional)'}</td>
<td>${typeMarkup(property)}</td><td>${meaningMarkup(property)}${nestedMarkup(property)}</td></tr>
`,
  );
  return html`<table><thead><tr><th>Property</th><th>Type</th><th>Meaning</th></tr></thead><tbody>
${rows}</tbody></table>`;
}

/** Renders description, values and examples. */
export function meaningMarkup({ description = '', examples, items, ...schema }: Schema): Markup {
  const allowed = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  const notes = [
    ...(allowed.length === 0 ? [] : [html` Allowed: ${codes(allowed)}.`]),
    ...(schema.default === undefined ? [] : [html` Default: ${codes([schema.default])}.`]),
    ...(examples ?? items?.examples ?? []).map((example) => html` Example: ${codes([example])}.`),
  ];
  return html`${description}${notes}`;
}

function nestedMarkup(schema: Schema): Markup {
  if (schema.properties !== undefined) return propertiesMarkup(schema);
  return schema.items?.properties === undefined ? html`` : propertiesMarkup(schema.items);
}

function codes(values: readonly unknown[]): Markup {
  const texts = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return joined(
    texts.map((text) => html`<code>${text}</code>`),
    ', ',
  );
}

function joined(parts: readonly Markup[], separator: string): Markup {
  return html`${parts.map((part, at) => (at === 0 ? part : html`${separator}${part}`))}`;
}
