import { createHash } from 'node:crypto';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** The schemas of an OpenAPI document. */
export interface Schemas {
  /** What is wrong with a value by the schema at this place of the document, which `find` answers; null for nothing. */
  faultOf(pointer: string, find: () => object, value: unknown): string | null;
}

type Components = Readonly<Record<string, object>>;

/**
 * Compiled once each, whichever documents have them: they take longer than all else about a check, and most are the same. To optimize
 * them would take longer than it saves.
 */
const ajv = new Ajv2020({ strict: false, allErrors: true, inlineRefs: false, code: { optimize: false } });
addFormats.default(ajv);
const added = new Set<string>();
const compiled = new Map<string, ValidateFunction>();

const REFERENCE = '#/components/schemas/';

/** Takes in the components of a document to which its schemas refer. */
export function createSchemas(components: Components): Schemas {
  const ids = new Map(Object.keys(components).map((name) => [name, idOf(name, components)]));
  for (const [name, id] of ids) {
    if (added.has(id)) continue;
    added.add(id);
    ajv.addSchema(closed(components[name], ids) as object, id);
  }
  const checks = new Map<string, ValidateFunction>();
  const compile = (schema: unknown) => {
    const text = JSON.stringify(schema);
    const check = compiled.get(text) ?? ajv.compile(schema as object);
    compiled.set(text, check);
    return check;
  };
  return {
    faultOf(pointer, find, value) {
      const check = checks.get(pointer) ?? compile(closed(find(), ids));
      checks.set(pointer, check);
      return check(value) ? null : ajv.errorsText(check.errors);
    },
  };
}

/** Names a component by its content and that of all to which it leads. */
function idOf(name: string, components: Components): string {
  const reached = new Map<string, string>();
  const reach = (each: string) => {
    if (reached.has(each)) return;
    const text = JSON.stringify(components[each]);
    reached.set(each, text);
    for (const [, other = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) reach(other);
  };
  reach(name);
  return `${name}.${createHash('sha256')
    .update(JSON.stringify([...reached]))
    .digest('hex')}`;
}

/**
 * The same schema with every object closed that doesn't say otherwise: clients let unknown properties pass, tests don't.
 * It refers to components by these ids.
 */
function closed(node: unknown, ids: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(node)) return node.map((each) => closed(each, ids));
  if (typeof node === 'string' && node.startsWith(REFERENCE)) return ids.get(node.slice(REFERENCE.length)) ?? node;
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value, ids)]));
  const isOpen = 'properties' in node && 'type' in node && !('additionalProperties' in node);
  return isOpen ? { ...copy, additionalProperties: false } : copy;
}
