import { csvLine } from '../../domain/text/csv.js';
import { toJson } from '../../domain/text/printable.js';
import { listEnd, listHead } from '../reply/envelope.js';
import type { Links } from '../reply/links.js';
import type { Pages } from '../reply/paging.js';

/** A media type that image lists come in, and how its text is put together: head, items, tail, end. */
export interface ListForm {
  /** Tells its ETags from those of the others. */
  readonly name: 'json' | 'ndjson' | 'csv';
  readonly contentType: string;
  /** null: what all answers say. */
  readonly vary: string | null;
  head(links: Links, columns: readonly string[]): string;
  readonly separator: string;
  item(item: object): string;
  tail(user: string, count: number, pages: Pages, ignored: readonly string[]): string;
  /** What is behind, of what JSON has there. */
  end(json: string): string;
}

/**
 * As all answers: a cache that asks again each time, as it is told to, gets no other form than it asks for, since ETags
 * differ; what it keeps of the others is told from JSON.
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
  end: (json) => json,
};

/** One item a line (https://github.com/ndjson/ndjson-spec), without links and `meta`. */
export const NDJSON_FORM: ListForm = {
  name: 'ndjson',
  contentType: 'application/x-ndjson; charset=utf-8',
  vary: VARY_OF_OTHERS,
  head: NOTHING,
  separator: '',
  item: (item) => `${toJson(item)}\n`,
  tail: NOTHING,
  end: NOTHING,
};

/** RFC 4180, with a line of names; what is null is empty. */
export const CSV_FORM: ListForm = {
  name: 'csv',
  contentType: 'text/csv; charset=utf-8; header=present',
  vary: VARY_OF_OTHERS,
  head: (_links, columns) => csvLine(columns),
  separator: '',
  item: (item) => csvLine(Object.values(item)),
  tail: NOTHING,
  end: NOTHING,
};

const FORM_OF_TYPE: Readonly<Record<string, ListForm>> = {
  'application/json': JSON_FORM,
  'application/x-ndjson': NDJSON_FORM,
  'application/ndjson': NDJSON_FORM,
  'application/jsonl': NDJSON_FORM,
  'text/csv': CSV_FORM,
};

/**
 * The form that an Accept likes best (RFC 9110 12.5.1); of equals the one that is named, and of these the first. Never fails:
 * where nothing fits, and where only wildcards do, it is JSON.
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
    // A wildcard is met by JSON; a form that is named goes before it.
    if (['*/*', 'application/*'].includes(type) && weight > bestWeight) [best, bestWeight] = [JSON_FORM, weight - 1e-6];
  }
  return best;
}
