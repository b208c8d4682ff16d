/** Returns a count and its noun: `1 space`, `5,000 spaces`, `0 spaces`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** Returns what agrees with a count: `is` for one, `are` for any other. */
export function agreeing(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}

/** Returns a share and its noun: `1 of 62 images`, `5,000 of 5,001 images`, `1 of 1 image`; what is told agrees with the share. */
export function countedOf(part: number, whole: number, one: string, many = `${one}s`): string {
  return `${grouped(part)} of ${counted(whole, one, many)}`;
}

/** Formats a whole number with grouped digits, such as `4,988`; for the first one `Intl` would take ten milliseconds. */
export function grouped(count: number): string {
  return `${count}`.replace(/\B(?=(?:\d{3})+$)/g, ',');
}
