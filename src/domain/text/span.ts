const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** Up to twice the next unit a smaller one tells more: "90m" rather than "1h". */
const SHORT_UNITS = [
  ['d', 86_400_000, 172_800_000],
  ['h', 3_600_000, 7_200_000],
  ['m', 60_000, 120_000],
] as const;

/** Formats a length of time in ms in at most four characters, as long as it is below 28 years: "45s", "90m", "6d". */
export function shortSpanOf(ms: number): string {
  for (const [unit, size, from] of SHORT_UNITS) if (ms >= from) return `${Math.floor(ms / size)}${unit}`;
  return `${Math.max(0, Math.floor(ms / 1_000))}s`;
}

/** Formats a length of time in ms for people, in its two largest units: "6 d 3 h", "12 min", "0 s". */
export function spanOf(ms: number): string {
  const first = UNITS.findIndex(([, size]) => ms >= size);
  const parts: string[] = [];
  let left = ms;
  for (const [unit, size] of first < 0 ? [] : UNITS.slice(first, first + 2)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}
