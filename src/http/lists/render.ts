import type { ImageQuery } from '../../domain/lists/image-list.js';
import { csvLine } from '../../domain/text/csv.js';
import { toJson } from '../../domain/text/printable.js';
import { cellsOf, OVF_COLUMNS } from '../../wire/image.js';
import { ignoredHeader } from '../reply/ignored.js';
import { type Links, linkHeader, linksJson, type Pages, type Position, pagesOf } from '../reply/links.js';
import { TOTAL_HEADER } from '../reply/paging.js';

/** A media type of image lists, and how its text is composed: head, items, tail, end. */
export interface ListForm {
  /** Distinguishes its ETags from those of the others. */
  readonly name: 'json' | 'ndjson' | 'csv';
  readonly contentType: string;
  /** null: as for all answers. */
  readonly vary: string | null;
  head(links: Links, columns: readonly string[]): string;
  readonly separator: string;
  item(item: object): string;
  tail(user: string, count: number, pages: Pages, ignored: readonly string[]): string;
  /** Whether the end that `Validators` make follows. */
  readonly hasEnd: boolean;
}

/**
 * The `Vary` of the other forms, which keeps them apart from JSON in caches. JSON has that of all answers: a cache that
 * revalidates each time, as it must, never serves another form, since ETags differ.
 */
const VARY_OF_OTHERS = 'Authorization, Accept-Encoding, Accept';

const NOTHING = () => '';

export const JSON_FORM: ListForm = {
  name: 'json',
  contentType: 'application/json; charset=utf-8',
  vary: null,
  head: listHead,
  separator: ',',
  item: (item) => toJson(item),
  tail: listEnd,
  hasEnd: true,
};

/** One item per line (https://github.com/ndjson/ndjson-spec), without links and `meta`. */
export const NDJSON_FORM: ListForm = {
  name: 'ndjson',
  contentType: 'application/x-ndjson; charset=utf-8',
  vary: VARY_OF_OTHERS,
  head: NOTHING,
  separator: '',
  item: (item) => `${toJson(item)}\n`,
  tail: NOTHING,
  hasEnd: false,
};

/** RFC 4180, with a header line; null is an empty field. */
export const CSV_FORM: ListForm = {
  name: 'csv',
  contentType: 'text/csv; charset=utf-8; header=present',
  vary: VARY_OF_OTHERS,
  head: (_links, columns) => csvLine(columns),
  separator: '',
  item: (item) => csvLine(cellsOf(item)),
  tail: NOTHING,
  hasEnd: false,
};

const FORM_OF_TYPE: Readonly<Record<string, ListForm>> = {
  'application/json': JSON_FORM,
  'application/x-ndjson': NDJSON_FORM,
  'application/ndjson': NDJSON_FORM,
  'application/jsonl': NDJSON_FORM,
  'text/csv': CSV_FORM,
};

/**
 * Returns the form that an Accept prefers (RFC 9110 12.5.1); if equal a named one before a wildcard, and the first of
 * these. Never fails: it is JSON if nothing fits, or only a wildcard does.
 */
export function chooseForm(accept: string | undefined): ListForm {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return JSON_FORM;
  let best = JSON_FORM;
  let bestWeight = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((piece) => piece.trim().toLowerCase());
    const form = FORM_OF_TYPE[type];
    const given = parameters.map((parameter) => /^q=(\d(?:\.\d{0,3})?)$/.exec(parameter)?.[1]).find(Boolean);
    const weight = given === undefined ? 1 : Number(given);
    if (form !== undefined && weight > bestWeight) [best, bestWeight] = [form, weight];
    // A wildcard means JSON, but a named form goes before it.
    if (['*/*', 'application/*'].includes(type) && weight > bestWeight) [best, bestWeight] = [JSON_FORM, weight - 1e-6];
  }
  return best;
}

/** Returns the columns of a list of images as a table, given those of its items. */
export function columnsFor(
  { withShort = false }: Pick<ImageQuery, 'withShort'>,
  columns: readonly string[],
): readonly string[] {
  return withShort ? [...columns, ...OVF_COLUMNS] : columns;
}

/** A list as it is sent, up to its end, and its headers. */
export interface RenderedList {
  readonly start: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Renders a list; `items` are already written in the same form. `ignored` as in `Parameters`. */
export function renderList(
  form: ListForm,
  items: readonly string[],
  about: {
    readonly links: Links;
    readonly columns: readonly string[];
    readonly user: string;
    readonly position: Position | undefined;
    readonly total: number;
    readonly ignored: readonly string[];
  },
): RenderedList {
  const { links, columns, user, position, total, ignored } = about;
  const pages = pagesOf(links, items.length, position);
  const start = form.head(links, columns) + items.join(form.separator) + form.tail(user, items.length, pages, ignored);
  const headers = headersOf(form, total, ignored);
  if (position !== undefined) Object.assign(headers, linkHeader(pages, position));
  return { start, headers };
}

/** Returns the headers of a list, assigned one by one, since spreading records takes longer than all else here. */
export function headersOf(form: ListForm, total: number, ignored: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = { [TOTAL_HEADER]: `${total}` };
  if (ignored.length > 0) Object.assign(headers, ignoredHeader(ignored));
  if (form !== JSON_FORM) headers['Content-Type'] = form.contentType;
  if (form.vary !== null) headers['Vary'] = form.vary;
  return headers;
}

/**
 * Creates a function that writes items in a form. The JSON of an item that comes from memory repeatedly is kept with
 * it: writing it takes 2 µs, a quarter of an answer with a dozen of them.
 */
export function createItemWriter<Item extends object>(
  itemOf: (item: Item) => object,
): (form: ListForm, item: Item) => string {
  const texts = new WeakMap<Item, string>();
  return (form, item) => {
    if (form !== JSON_FORM) return form.item(itemOf(item));
    const text = texts.get(item) ?? form.item(itemOf(item));
    texts.set(item, text);
    return text;
  };
}

/**
 * Returns what precedes the items of an image list, which are JSON already; `listEnd` returns what follows, up to the
 * value of `meta.index`.
 */
function listHead(links: Links): string {
  return `{"_links":${linksJson(links)},"data":[`;
}

function listEnd(user: string, count: number, pages: Pages, ignored: readonly string[]): string {
  const told = ignored.length === 0 ? { count, user, pages } : { count, user, ignored, pages };
  return `],"meta":${toJson(told).slice(0, -1)},"index":`;
}
