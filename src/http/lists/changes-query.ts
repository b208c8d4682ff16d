import { type PointPlace, readPoint } from '../../domain/lists/change-point.js';
import { parseInclude } from '../../domain/lists/image-words.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { ChangesQuery } from '../../domain/ports/image-changes.js';
import { quote } from '../../domain/text/quote.js';
import { ignoredFaults } from '../reply/ignored.js';
import { collect, type Parsed, readParameters } from '../reply/query-string.js';

const PARAMETERS = ['since', 'limit', 'include'] as const;
/** As for pages of lists: some 100 KB. */
export const MOST_CHANGES = 500;
/** Nothing is tolerated silently: no client of another API knows this resource. */
const NONE_TOLERATED: ReadonlySet<string> = new Set();

/** Reads the question for changes from a raw query string. `isStrict`: an unknown parameter is a fault instead of ignored. */
export function parseChangesQuery(rawQuery: string, isStrict: boolean): Parsed<ChangesQuery> {
  const { values, faults, ignored } = readParameters(rawQuery, PARAMETERS, NONE_TOLERATED);
  if (isStrict) faults.push(...ignoredFaults(ignored, PARAMETERS));
  const [[since], [limit], [include = '']] = [values.since, values.limit, values.include];
  const point = since === undefined ? null : collect('since', faults, () => readPoint(since));
  const most = limit === undefined ? MOST_CHANGES : collect('limit', faults, () => readLimit(limit));
  const words = collect('include', faults, () => parseInclude(include));
  if (faults.length > 0 || most === null || words === null) return { faults };
  return { query: { since: point, limit: most, withShort: words.has('ovf') }, ignored };
}

/** A question for changes as they come. */
export interface EventsQuery extends Pick<ChangesQuery, 'since' | 'withShort'> {
  /** Where the request has its point; null: it has none. */
  readonly place: PointPlace | null;
}

const EVENTS_PARAMETERS = ['since', 'include'] as const;

/** Reads the question for changes as they come. The id of the last event, from its header, is newer than `since`, and wins. */
export function parseEventsQuery(
  rawQuery: string,
  lastEventId: string | undefined,
  isStrict: boolean,
): Parsed<EventsQuery> {
  const { values, faults, ignored } = readParameters(rawQuery, EVENTS_PARAMETERS, NONE_TOLERATED);
  if (isStrict) faults.push(...ignoredFaults(ignored, EVENTS_PARAMETERS));
  const [[since = ''], [include = '']] = [values.since, values.include];
  const text = lastEventId === undefined || lastEventId === '' ? since : lastEventId;
  const place = text === '' ? null : text === since ? 'since' : 'Last-Event-ID';
  const point = place === null ? null : collect(place, faults, () => readPoint(text, place));
  const words = collect('include', faults, () => parseInclude(include));
  if (faults.length > 0 || words === null) return { faults };
  return { query: { since: point, place, withShort: words.has('ovf') }, ignored };
}

function readLimit(text: string): number {
  const limit = /^\s*\d+\s*$/.test(text) ? Number(text) : 0;
  if (limit >= 1) return Math.min(limit, MOST_CHANGES);
  throw new OvadexError(
    'usage',
    `limit: ${quote(text)} is not a valid limit; allowed are integers from 1 to ${MOST_CHANGES} (larger ones count as ${MOST_CHANGES})`,
  );
}
