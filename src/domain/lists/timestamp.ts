/** A date alone, or followed by a time, whose zone may be omitted: RFC 3339 and its usual variants. */
const DATE_TIME =
  /^(\d{4}-\d\d-(\d\d))(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(?: ?(Z|[A-Z]{3})|([+ -])(\d\d):?(\d\d))?)?$/i;
const EPOCH = /^\d{1,15}(?:\.\d{1,9})?$/;
/**
 * From here on a number is milliseconds, below it is seconds: as seconds this would be in the year 5138, as
 * milliseconds it is in 1973.
 */
const MILLISECONDS_FROM = 100_000_000_000;
/** The end of the last year that RFC 3339 can express. */
const MAX_MS = Date.UTC(10_000, 0, 1) - 1;
/** The zones that RFC 5322 4.3 knows by name: the VSS API writes times as `2017-11-17 13:51:31 EST`. */
const ZONES: Readonly<Record<string, string>> = {
  ...{ Z: 'Z', UTC: 'Z', GMT: 'Z' },
  ...{ EDT: '-04:00', EST: '-05:00', CDT: '-05:00', CST: '-06:00' },
  ...{ MDT: '-06:00', MST: '-07:00', PDT: '-07:00', PST: '-08:00' },
};

/**
 * Reads a time as ms since the epoch; null for anything else. It takes RFC 3339, even with a space for the `T`, without
 * seconds, without a zone (then UTC) or with the name of one, a date alone (its midnight in UTC), and seconds or
 * milliseconds since the epoch. A space for the `+` of an offset is accepted: that is what a plus becomes in a query
 * that wasn't percent-encoded.
 */
export function readInstant(text: string): number | null {
  if (EPOCH.test(text)) {
    const number = Number(text);
    const ms = Math.round(number < MILLISECONDS_FROM ? number * 1000 : number);
    return ms <= MAX_MS ? ms : null;
  }
  const [, date = '', day, minutes = '00:00', seconds = ':00', name = 'Z', sign, hour, minute] =
    DATE_TIME.exec(text) ?? [];
  // A day beyond the end of its month would be taken for one of the next.
  if (new Date(`${date}T00:00:00Z`).getUTCDate() !== Number(day)) return null;
  const zone = sign === undefined ? ZONES[name.toUpperCase()] : `${sign === '-' ? '-' : '+'}${hour}:${minute}`;
  const ms = Date.parse(`${date}T${minutes}${seconds}${zone}`);
  return Number.isNaN(ms) ? null : ms;
}
