import * as z from 'zod';
import { formsOf } from './fields/fields.js';
import { type Reference, referenceOf } from './reference.js';
import { createConfigSchema } from './schema.js';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * Builds a JSON Schema of the configuration for editors, which accepts everything that `config check` accepts. Checks
 * that need the machine, such as those of secret files, are left out. Comments in `example` become descriptions.
 */
export function configJsonSchema(example: string): JsonSchema {
  const schema = rawSchema();
  const texts = new Map(referenceOf(example, new Set(keyPaths(schema))).map((entry) => [entry.path, entry]));
  addDescriptions(schema, '', (path) => texts.get(path));
  return { ...schema, title: 'ovadex.yaml', description: 'The configuration of ovadex.' };
}

/** Lists every key as a path: `crawl.timeouts.total`, `spaces[].user`. */
export function configKeyPaths(): readonly string[] {
  return keyPaths(rawSchema());
}

function rawSchema(): JsonSchema {
  const unread = () => Promise.resolve({ problem: 'not read' });
  const schema = createConfigSchema({
    resolvePath: (path) => path,
    readSecret: unread,
    readCertificates: unread,
    readKey: unread,
    troubleOfFolder: () => Promise.resolve(null),
  });
  return withOptionalSections(jsonSchemaOf(schema));
}

function jsonSchemaOf(schema: z.core.$ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const forms = formsOf(zodSchema);
      if (forms.length > 0) {
        jsonSchema.anyOf = forms.map((form) => {
          const { $schema: _, ...rest } = jsonSchemaOf(form);
          return rest as z.core.JSONSchema.BaseSchema;
        });
      }
      // A key without a value is an empty mapping or list.
      if (isPreprocessed(zodSchema) && (jsonSchema.type === 'object' || jsonSchema.type === 'array')) {
        Object.assign(jsonSchema, { type: [jsonSchema.type, 'null'] });
      }
      // Dropped, since people expect the units of the file, not milliseconds.
      if (typeof jsonSchema.default === 'object') delete jsonSchema.default;
    },
  });
}

/** Makes sections optional, unless they contain a required key. */
function withOptionalSections<Node extends JsonSchema>(node: Node): Node {
  const { properties = {}, required = [] } = node;
  for (const property of Object.values(properties)) if (typeof property === 'object') withOptionalSections(property);
  const needed = required.filter((key) => {
    const property = properties[key];
    return typeof property !== 'object' || !Array.isArray(property.type);
  });
  if (needed.length > 0 && Array.isArray(node.type)) node.type = 'object';
  if (needed.length > 0) node.required = needed;
  else delete node.required;
  return node;
}

function isPreprocessed({ _zod: { def } }: z.core.$ZodType): boolean {
  return def.type === 'pipe' && (def as z.core.$ZodPipeDef).in._zod.def.type === 'transform';
}

function keyPaths(node: unknown, path = ''): readonly string[] {
  const found: string[] = [];
  visit(node, path, (_, at) => found.push(at));
  return [...new Set(found)];
}

function addDescriptions(node: unknown, path: string, entryOf: (path: string) => Reference | undefined): void {
  visit(node, path, (property, at) => {
    const text = entryOf(at)?.text.join(' ').replace(/\s+/g, ' ').trim() ?? '';
    if (text !== '' && typeof property === 'object' && property !== null)
      Object.assign(property, { description: text });
  });
}

/** Visits every property at any depth, with its path. */
function visit(node: unknown, path: string, see: (property: unknown, path: string) => void): void {
  if (typeof node !== 'object' || node === null) return;
  const { properties, items, anyOf, oneOf, allOf } = node as JsonSchema;
  for (const [key, property] of Object.entries(properties ?? {})) {
    const at = path === '' ? key : `${path}.${key}`;
    see(property, at);
    visit(property, at, see);
  }
  if (items !== undefined) visit(items, `${path}[]`, see);
  for (const form of [...(anyOf ?? []), ...(oneOf ?? []), ...(allOf ?? [])]) visit(form, path, see);
}
