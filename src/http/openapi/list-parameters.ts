import { z } from '@hono/zod-openapi';
import { FILTER_OPERATORS, type Fields } from '../../domain/lists/filter.js';
import { type ListGrammar, sortFieldsOf } from '../../domain/lists/list-grammar.js';
import { DEFAULT_PER_PAGE, MAX_PER_PAGE } from '../../domain/lists/page.js';
import { operatorsOf } from '../../domain/lists/parse-filter.js';

/** `name=` of a list of images, as OPTIONS and the OpenAPI document describe it. */
export function nameParameter() {
  return z
    .string()
    .optional()
    .describe(
      'Must occur in the name, in any case; "%" and "_" stand for themselves. Given more than once, all must occur.',
    );
}

/** `sort=` of a list. */
export function sortParameter<Field extends string, Key extends string>(
  grammar: ListGrammar<Field, Key>,
  byDefault: string,
  examples: string[],
) {
  return z
    .string()
    .optional()
    .meta({
      description: 'The order: a field, maybe with ",asc" or ",desc"; several joined by ";". It never has ties.',
      default: byDefault,
      examples,
      'x-allowed': sortFieldsOf(grammar).flatMap((field) => [field, `${field},asc`, `${field},desc`]),
    });
}

/** `filter=` of a list. */
export function filterParameter<Field extends string>(fields: Fields<Field>, examples: string[]) {
  const names = Object.keys(fields) as Field[];
  return z
    .string()
    .optional()
    .meta({
      examples,
      description: `Conditions "field,operator,value", several joined by ";" or each in a parameter of its own, all of which must be met. Operators are ${FILTER_OPERATORS.join(', ')}. "in" takes several values, separated by "," or "|". In the value of "like" a "%" stands for any text and "_" for itself; "like" doesn't tell upper from lower case, "eq", "ne" and "in" do for names and paths. Times are RFC 3339, also without a zone (UTC) or as a date alone, seconds or milliseconds since 1970, or as in 2017-11-17 13:51:31 EST. A "\\" takes the meaning from a ";", ",", "|" or "%" behind it.`,
      'x-allowed': names.map((field) => `${field},${operatorsOf(fields[field]).join('|')},...`),
    });
}

/** `page=`, `per_page=` and `cursor=` of a list. */
export function pageParameters() {
  return {
    page: z.int().min(1).optional().describe('Which page. Without page and per_page the whole list is answered.'),
    per_page: z
      .int()
      .min(1)
      .optional()
      .describe(
        `Items of a page, at most ${MAX_PER_PAGE}; larger values count as that. Where only page is given it is ${DEFAULT_PER_PAGE}.`,
      ),
    cursor: z
      .string()
      .optional()
      .describe('Where the page begins or ends: what next_url and prev_url carry, good for one order only.'),
  };
}
