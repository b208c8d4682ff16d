const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MINUTE_MS = 60_000;

/**
 * Dates like `Mon, 23 Nov 2026 20:45:55 GMT` (RFC 9110 5.6.7), also with `+0000`, `UTC` or a one-digit day, or in the
 * form of RFC 850.
 */
const DAY_FIRST =
  /^(?:[a-z]+,?\s+)?(\d{1,2})[\s-]([a-z]{3})[\s-](\d{4}|\d{2})\s+(\d{2}):(\d{2}):(\d{2})(?:\s*(gmt|utc|ut|z|[+-]\d{4}))?$/i;
/** Dates like `Wed May 17 15:31:58 2017` (asctime), also with a zone before the year, as printed by `date`. */
const MONTH_FIRST =
  /^[a-z]{3}\s+([a-z]{3})\s+(\d{1,2})\s+(\d{2}):(\d{2}):(\d{2})(?:\s+(gmt|utc|[+-]\d{4}))?\s+(\d{4})$/i;
/** Dates like `2026-11-23T20:45:55Z` (RFC 3339), sent by the search of oCIS and some hosters. */
const YEAR_FIRST = /^(\d{4})-(\d{2})-(\d{2})[t ](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?\s*(gmt|utc|z|[+-]\d{2}:?\d{2})?$/i;

/** The form of nearly every server, whose parts have fixed places. */
const FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const FIXDATE_LENGTH = 29;
const DAYS_OF_ANY_MONTH = 28;
const FIXDATE_MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** Earlier years are no dates: programs in Go and .NET write what has none as the first of January of the year 1. */
const FIRST_YEAR = 1_000;

/** Parses any date that WebDAV servers are known to send, to ms since the epoch; null if it can't be read, or is none. */
export function parseDate(text: string): number | null {
  const date = text.length === FIXDATE_LENGTH ? text : text.trim();
  const fixed = FIXDATE.test(date) ? fixedDate(date) : null;
  if (fixed !== null) return fixed;
  let match = DAY_FIRST.exec(date);
  if (match) return utc(match[3], monthNumber(match[2]), match[1], match.slice(4, 7), match[7]);
  match = MONTH_FIRST.exec(date);
  if (match) return utc(match[7], monthNumber(match[1]), match[2], match.slice(3, 6), match[6]);
  match = YEAR_FIRST.exec(date);
  if (match) return utc(match[1], Number(match[2]), match[3], match.slice(4, 7), match[7]);
  return null;
}

/**
 * Reads a FIXDATE digit by digit; null for odd values, which are left to the slower reading of all forms. The engine's own
 * parser would add a fourteenth to the time of reading a listing, and takes the year 1 for 2001, and 30 February for a day of March.
 */
function fixedDate(date: string): number | null {
  const month = FIXDATE_MONTHS.indexOf(date.slice(8, 11)) / 3;
  const day = twoDigits(date, 5);
  const year = twoDigits(date, 12) * 100 + twoDigits(date, 14);
  const [hour, minute, second] = [twoDigits(date, 17), twoDigits(date, 20), twoDigits(date, 23)];
  const isUsual = Number.isInteger(month) && month >= 0 && day > 0 && day <= DAYS_OF_ANY_MONTH && year >= FIRST_YEAR;
  return isUsual && hour < 24 && minute < 60 && second < 60 ? Date.UTC(year, month, day, hour, minute, second) : null;
}

const ZERO = 0x30;

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;
}

function utc(
  yearText: string | undefined,
  month: number,
  dayText: string | undefined,
  time: readonly string[],
  zone: string | undefined,
): number | null {
  const year = fullYear(yearText ?? '');
  const day = Number(dayText);
  const [hour = 0, minute = 0, second = 0] = time.map(Number);
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  const isDay = day > 0 && new Date(Date.UTC(year, month - 1, day)).getUTCMonth() === month - 1;
  const isReal = isDay && year >= FIRST_YEAR && hour < 24 && minute < 60 && second <= 60;
  return isReal ? local - offsetMs(zone) : null;
}

/** Expands the two-digit years of RFC 850, with the pivot of POSIX (69 is 1969). */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length > 2) return year;
  return year < 69 ? 2000 + year : 1900 + year;
}

function monthNumber(name: string | undefined): number {
  return MONTHS.indexOf((name ?? '').toLowerCase()) + 1;
}

function offsetMs(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '');
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * MINUTE_MS;
}
