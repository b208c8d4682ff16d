const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The form that `parseDuration` accepts, for messages. */
export const DURATION_FORM = 'a number with a unit: 500ms, 10s, 5m, 2h or 90d';

/** The form that `parseDuration` accepts, for JSON Schema, which can't check its bounds. */
export const DURATION_PATTERN = '^[0-9]{1,9}(\\.[0-9]{1,3})?(ms|s|m|h|d)$';

/** Parses `10s`, `5m` or `90d` to milliseconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text);
  const unitMs = MS_PER_UNIT[match?.[2] ?? ''];
  return unitMs === undefined ? null : Math.round(Number(match?.[1]) * unitMs);
}

/** Formats whole milliseconds as the shortest text that `parseDuration` reads back. */
export function formatDuration(ms: number): string {
  const [unit, size] = Object.entries(MS_PER_UNIT)
    .filter(([, each]) => ms % each === 0)
    .reduce((best, each) => (each[1] > best[1] ? each : best));
  return ms === 0 ? '0s' : `${ms / size}${unit}`;
}
