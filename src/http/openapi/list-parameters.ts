import { FILTER_OPERATORS, type Fields } from '../../domain/lists/filter.js';
import { type ListGrammar, sortFieldsOf } from '../../domain/lists/list-grammar.js';
import { DEFAULT_PER_PAGE, MAX_PER_PAGE } from '../../domain/lists/page.js';
import { operatorsOf } from '../../domain/lists/parse-filter.js';
import { z } from '../reply/zod.js';

/** The parameter `name` of a list of images, for OPTIONS and the OpenAPI document. */
export function nameParameter() {
  return z
    .string()
    .optional()
    .describe(
      'Text that the name must contain, ignoring case; "%" and "_" are literal. If repeated, all must be contained.',
    );
}

/** The parameter `sort` of a list. */
export function sortParameter<Field extends string, Key extends string>(
  grammar: ListGrammar<Field, Key>,
  byDefault: string,
  examples: string[],
) {
  return z
    .string()
    .optional()
    .meta({
      description:
        'The order: a field, optionally with ",asc" or ",desc"; several are separated by ";". Ties are always broken.',
      default: byDefault,
      examples,
      'x-allowed': sortFieldsOf(grammar).flatMap((field) => [field, `${field},asc`, `${field},desc`]),
    });
}

/** The parameter `filter` of a list. */
export function filterParameter<Field extends string>(fields: Fields<Field>, examples: string[]) {
  const names = Object.keys(fields) as Field[];
  return z
    .string()
    .optional()
    .meta({
      examples,
      description: `Conditions "field,operator,value", all of which must be met; several are separated by ";" or given in repeated parameters. Operators are ${FILTER_OPERATORS.join(', ')}. "in" takes several values, separated by "," or "|". In the value of "like", "%" matches any text and "_" is literal; "like" ignores case, while "eq", "ne" and "in" respect it for names and paths. Times are in RFC 3339, even without a zone (UTC) or with only a date, in seconds or milliseconds since 1970, or like 2017-11-17 13:51:31 EST. A "\\" makes a following ";", ",", "|" or "%" literal.`,
      'x-allowed': names.map((field) => `${field},${operatorsOf(fields[field]).join('|')},...`),
    });
}

/** The parameters `page`, `per_page` and `cursor` of a list. */
export function pageParameters() {
  return {
    page: z
      .int()
      .min(1)
      .optional()
      .describe('The number of the page. Without page and per_page the whole list is returned.'),
    per_page: z
      .int()
      .min(1)
      .optional()
      .describe(
        `Items per page, at most ${MAX_PER_PAGE}; larger values are reduced to that. The default with page is ${DEFAULT_PER_PAGE}.`,
      ),
    cursor: z
      .string()
      .optional()
      .describe('Where the page begins or ends, as contained in next_url and prev_url; valid for one order only.'),
  };
}
