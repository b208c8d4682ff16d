import type { core } from 'zod';
import { z } from '../reply/zod.js';
import type { Definition } from './definitions.js';

/** The description of a parameter or attribute in OPTIONS. */
interface FieldDescription {
  readonly description: string;
  readonly type: string;
  readonly allowed?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
}

interface ParameterDescription extends FieldDescription {
  readonly in: 'path' | 'query' | 'body';
  readonly required: boolean;
}

export interface ResourceDescription {
  readonly description: string;
  readonly methods: readonly string[];
  readonly parameters: Readonly<Record<string, ParameterDescription>>;
  readonly attributes: Readonly<Record<string, FieldDescription>>;
}

type JsonSchema = core.JSONSchema.BaseSchema;

/** Describes a resource for OPTIONS from the definitions of its operations. */
export function describeResource(definitions: readonly Definition[], methods: readonly string[]): ResourceDescription {
  return {
    description: definitions.map(({ description }) => description).join(' '),
    methods,
    parameters: Object.assign({}, ...definitions.map(parametersOf)),
    attributes: Object.assign({}, ...definitions.map(attributesOf)),
  };
}

function parametersOf({ request }: Definition): Record<string, ParameterDescription> {
  const places = [
    ['path', request?.params],
    ['query', request?.query],
    ['body', jsonOf(request?.body?.content)],
  ] as const;
  const parameters: Record<string, ParameterDescription> = {};
  for (const [place, schema] of places) {
    const { properties = {}, required = [] } = firstOf(jsonSchemaOf(schema, 'input'));
    for (const [name, property] of Object.entries(properties)) {
      parameters[name] = { in: place, required: required.includes(name), ...describeField(property) };
    }
  }
  return parameters;
}

/** The attributes of `data` in a successful response, or of a response without it; of one item, if it is a list. */
function attributesOf({ responses }: Definition): Record<string, FieldDescription> {
  const response = responses[200] ?? responses[201] ?? responses[202];
  const content = response !== undefined && 'content' in response ? response.content : undefined;
  const body = firstOf(jsonSchemaOf(jsonOf(content), 'output'));
  const { properties = {} } = itemOf(body.properties?.['data'] ?? body);
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, describeField(property)]));
}

function itemOf(data: JsonSchema | boolean | undefined): JsonSchema {
  if (typeof data !== 'object') return {};
  if (Array.isArray(data.items)) return {};
  return data.items === undefined ? firstOf(data) : itemOf(data.items);
}

/** The first of several forms, which is the plainest; most others are lists of it. */
function firstOf(schema: JsonSchema): JsonSchema {
  const [first] = schema.anyOf ?? [];
  return typeof first === 'object' ? first : schema;
}

function describeField(schema: JsonSchema | boolean): FieldDescription {
  if (typeof schema === 'boolean') return { description: '', type: 'any' };
  const allowed = schema.enum ?? schema['x-allowed'] ?? (schema.const === undefined ? undefined : [schema.const]);
  const examples = schema.examples ?? (isList(schema) ? schema.items.examples : undefined);
  return {
    description: schema.description ?? '',
    type: typeOf(schema),
    ...(Array.isArray(allowed) ? { allowed } : {}),
    ...(schema.default === undefined ? {} : { default: schema.default }),
    ...(examples === undefined ? {} : { examples }),
  };
}

/** Describes a type in words: `string`, `integer or null`, `list of string`. */
function typeOf(schema: JsonSchema | boolean): string {
  if (typeof schema === 'boolean') return 'any';
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (isList(schema)) return `list of ${typeOf(schema.items)}`;
  return schema.format === 'date-time' ? 'date-time' : [schema.type ?? 'any'].flat().join(' or ');
}

function isList(schema: JsonSchema): schema is JsonSchema & { readonly items: JsonSchema } {
  return schema.type === 'array' && typeof schema.items === 'object' && !Array.isArray(schema.items);
}

/** The JSON schema of a body. */
function jsonOf(content: Readonly<Record<string, object | undefined>> | undefined): unknown {
  const media = content?.['application/json'];
  return media !== undefined && 'schema' in media ? media.schema : undefined;
}

function jsonSchemaOf(schema: unknown, io: 'input' | 'output'): JsonSchema {
  return schema instanceof z.ZodType ? z.toJSONSchema(schema, { io }) : {};
}
