const RFC_3339 = /^(\d{4}-\d\d-(\d\d))[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?:Z|([+ -])(\d\d:\d\d))$/i;
const EPOCH_SECONDS = /^\d{1,12}(?:\.\d{1,9})?$/;
/** The end of the last year that RFC 3339 can write. */
const MAX_MS = Date.UTC(10_000, 0, 1) - 1;

/**
 * Reads a time, RFC 3339 or seconds since the epoch, as ms since the epoch; null
 * for anything else. A space for the `+` of an offset is let pass: that is what
 * becomes of a plus in a query that wasn't percent-encoded.
 */
export function readInstant(text: string): number | null {
  if (EPOCH_SECONDS.test(text)) {
    const ms = Math.round(Number(text) * 1000);
    return ms <= MAX_MS ? ms : null;
  }
  const [, date = '', day, time, sign, offset] = RFC_3339.exec(text) ?? [];
  // A day that its month doesn't have would be taken for one of the next.
  if (new Date(`${date}T00:00:00Z`).getUTCDate() !== Number(day)) return null;
  const zone = offset === undefined ? 'Z' : `${sign === '-' ? '-' : '+'}${offset}`;
  const ms = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? null : ms;
}
