/** Writes a time, in ms since the epoch, as RFC 3339 in UTC; null stays null. */
export type TimestampWriter = typeof timestamp;

/** Writes a time to the millisecond, as the API does. */
export function timestamp(ms: number): string;
export function timestamp(ms: number | null): string | null;
export function timestamp(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** Writes a time to the second, as the commands do: `fromdate` of jq reads no fractions. */
export function timestampInSeconds(ms: number): string;
export function timestampInSeconds(ms: number | null): string | null;
export function timestampInSeconds(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
