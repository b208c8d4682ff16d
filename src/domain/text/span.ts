const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

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
