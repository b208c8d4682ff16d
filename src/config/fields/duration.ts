const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** What `parseDuration` takes, for messages. */
export const DURATION_FORM = 'a number with a unit: 500ms, 10s, 5m, 2h or 90d';

/** The same for JSON Schema, which knows no bounds of it. */
export const DURATION_PATTERN = '^[0-9]{1,9}(\\.[0-9]{1,3})?(ms|s|m|h|d)$';

/** Milliseconds of `10s`, `5m`, `90d`; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text);
  const unitMs = MS_PER_UNIT[match?.[2] ?? ''];
  return unitMs === undefined ? null : Math.round(Number(match?.[1]) * unitMs);
}

/** The shortest text that `parseDuration` reads as so many whole milliseconds. */
export function formatDuration(ms: number): string {
  const [unit, size] = Object.entries(MS_PER_UNIT)
    .filter(([, each]) => ms % each === 0)
    .reduce((best, each) => (each[1] > best[1] ? each : best));
  return ms === 0 ? '0s' : `${ms / size}${unit}`;
}
