import fc from 'fast-check';
import { OS_FAMILIES } from '../../src/domain/description/descriptor.js';
import type { FilterTerm } from '../../src/domain/lists/filter.js';
import { type ImageField, type ImageQuery, SORT_FIELDS } from '../../src/domain/lists/image-list.js';
import type { SearchField, SearchQuery } from '../../src/domain/lists/image-search.js';
import { parseLike } from '../../src/domain/lists/like.js';
import type { SortTerm } from '../../src/domain/lists/order.js';
import { IMAGE_STATES } from '../../src/domain/model/image.js';

/** Names on which engines differ: cases, forms, characters of two units, and whatever means something to SQL. */
export const AWKWARD_NAMES = [
  'b.ova',
  'A.ova',
  'a.ova',
  'Ä.ova',
  'a\u0308.ova',
  '100%_x.ova',
  '100ab.ova',
  '😀.ova',
  '\uFF21.ova',
  'İstanbul.ova',
  'istanbul.ova',
  'straße.ova',
  'STRASSE.ova',
  '\u212Aelvin.ova',
  'ΟΔΟΣ.ova',
  "it's [a] *?.ova",
  'say "x" \\ y.ova',
  'aaaaaaab.ova',
  'ababab.ova',
];

const fragment = fc.constantFrom(
  ...[
    'a',
    'A',
    'ab',
    '.ova',
    'ova',
    '%',
    '_',
    'Ä',
    'a\u0308',
    'ä',
    '😀',
    'İ',
    'i',
    'i\u0307',
    'ß',
    'ss',
    '\u212A',
    'k',
  ],
  ...['Σ', 'ς', '[', ']', '*', '?', "'", '"', '\\', '^', '-', '\uFF21', '\uFF41', 'd/', '/', ' ', '\0', 'zz'],
);

/** A text that may occur in a name. */
export const anyText = fc.oneof(
  fc.constantFrom(...AWKWARD_NAMES),
  fc.array(fragment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
);
const anyPattern = fc
  .array(fc.oneof(fragment, fc.constant('%'), fc.constantFrom(...AWKWARD_NAMES)), { minLength: 1, maxLength: 5 })
  .map((parts) => parseLike(parts.join('')));
const anyNumber = fc.constantFrom(-1, 0, 1, 2, 3, 5, 999, 1_000, 1_001, 2_000, 3_000, Number.MAX_SAFE_INTEGER);

const comparison = fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge');
const textField = fc.constantFrom('name', 'path', 'os', 'product', 'version');
const numberField = fc.constantFrom(
  'id',
  'size',
  'created_on',
  'updated_on',
  'modified_on',
  'cpus',
  'memory_mib',
  'capacity_bytes',
);
const anyWord = fc.constantFrom('true', 'false');
const anyPath = fc.tuple(fc.constantFrom('', 'd/'), anyText).map((parts) => parts.join(''));

const anyTerm: fc.Arbitrary<FilterTerm<ImageField>> = fc.oneof(
  fc.record({ field: textField, operator: comparison, value: fc.oneof(anyText, anyPath) }),
  fc.record({ field: textField, operator: fc.constant('like'), pattern: anyPattern }),
  fc.record({ field: textField, operator: fc.constant('in'), values: fc.array(anyPath, { maxLength: 4 }) }),
  fc.record({ field: numberField, operator: comparison, value: anyNumber }),
  fc.record({ field: numberField, operator: fc.constant('in'), values: fc.array(anyNumber, { maxLength: 4 }) }),
  fc.record({ field: fc.constant('settled'), operator: fc.constantFrom('eq', 'ne'), value: anyWord }),
  fc.record({
    field: fc.constant('state'),
    operator: fc.constantFrom('eq', 'ne'),
    value: fc.constantFrom(...IMAGE_STATES),
  }),
  fc.record({
    field: fc.constant('family'),
    operator: fc.constant('in'),
    values: fc.array(fc.constantFrom(...OS_FAMILIES), { maxLength: 2 }),
  }),
  fc.record({
    field: fc.constant('settled'),
    operator: fc.constant('in'),
    values: fc.array(anyWord, { maxLength: 2 }),
  }),
) as fc.Arbitrary<FilterTerm<ImageField>>;

export const anySort: fc.Arbitrary<readonly SortTerm<ImageField>[]> = fc.array(
  fc.record({ field: fc.constantFrom(...SORT_FIELDS), direction: fc.constantFrom('asc', 'desc') }),
  { minLength: 1, maxLength: 3 },
);

/** Any question to an image list. */
export const anyImageQuery: fc.Arbitrary<ImageQuery> = fc.record({
  nameContains: fc.array(anyText, { maxLength: 2 }),
  filter: fc.array(anyTerm, { maxLength: 2 }),
  sort: anySort,
});

/** Any question to the images of all spaces, of which these users have one. */
export function anySearchQuery(users: readonly string[]): fc.Arbitrary<SearchQuery> {
  const user = fc.constantFrom(...users, 'nobody', users[0]?.toUpperCase() ?? '');
  const term: fc.Arbitrary<FilterTerm<SearchField>> = fc.oneof(
    anyTerm,
    fc.record({ field: fc.constant('user'), operator: comparison, value: user }),
    fc.record({ field: fc.constant('user'), operator: fc.constant('in'), values: fc.array(user, { maxLength: 3 }) }),
    fc.record({ field: fc.constant('user'), operator: fc.constant('like'), pattern: user.map(parseLike) }),
  ) as fc.Arbitrary<FilterTerm<SearchField>>;
  const direction = fc.constantFrom('asc', 'desc');
  return fc.record({
    nameContains: fc.array(anyText, { maxLength: 1 }),
    filter: fc.array(term, { maxLength: 2 }),
    sort: fc.array(fc.record({ field: fc.constantFrom(...SORT_FIELDS, 'user' as const), direction }), {
      minLength: 1,
      maxLength: 3,
    }),
  });
}
