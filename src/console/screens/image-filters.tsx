import { OS_FAMILIES } from '../../domain/description/descriptor.js';
import type { ImageJson } from '../../wire/image.js';
import { TONES } from '../parts/state.js';
import { TEXTS } from '../texts/texts.js';
import type { Query } from '../visit/ask.js';
import type { Visit } from '../visit/visit.js';

const { images: texts } = TEXTS;

const STATES = (Object.keys(TONES) as ImageJson['state'][]).map((state) => [state, TEXTS.states[state][0]] as const);
const FAMILIES = OS_FAMILIES.map((family) => [family, family] as const);
const SIZES = ['1 GiB', '10 GiB', '100 GiB'].map((size) => [size, size] as const);
const FIELDS = ['name', 'state', 'family', 'size'] as const;

/** Whether the query of the page leaves anything out. */
export function isFiltered(query: URLSearchParams): boolean {
  return FIELDS.some((field) => (query.get(field) ?? '') !== '');
}

/** What a list of images is narrowed by; with scripts, as one types. */
export function ImageFilters({ query, to }: { readonly query: URLSearchParams; readonly to: Visit['to'] }) {
  const select = (name: string, label: string, values: readonly (readonly [string, string])[]) => (
    <label>
      {label}
      <select name={name}>
        <option value="">{texts.any}</option>
        {values.map(([value, word]) => (
          <option value={value} selected={query.get(name) === value}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <form class="filters" action={to('/images')} data-filters="list">
      <label class="wide">
        {texts.name}
        <input name="name" type="search" value={query.get('name') ?? ''} autocomplete="off" spellcheck={false} />
      </label>
      {select('state', texts.state, STATES)}
      {select('family', texts.family, FAMILIES)}
      {select('size', texts.atLeast, SIZES)}
      {query.has('sort') && <input type="hidden" name="sort" value={query.get('sort') ?? ''} />}
      <button type="submit" class="quiet">
        {texts.apply}
      </button>
    </form>
  );
}

/** Returns the filters and the order that the API is asked with, for those of the page. */
export function filtersOf(query: URLSearchParams): Query {
  const [gib = ''] = /^\d+(?= GiB$)/.exec(query.get('size') ?? '') ?? [];
  const filters = [
    ...['state', 'family'].flatMap((field) => {
      const value = query.get(field) ?? '';
      return value === '' ? [] : [`${field},eq,${value}`];
    }),
    ...(gib === '' ? [] : [`size,ge,${Number(gib) * 1_024 ** 3}`]),
  ];
  return { include: 'ovf', name: query.get('name'), filter: filters.join(';'), sort: query.get('sort') };
}

/** Returns the part of the page's query that says which images are meant, and in which order. */
export function chosenOf(query: URLSearchParams): Query {
  return Object.fromEntries([...FIELDS, 'sort'].map((field) => [field, query.get(field)]));
}
