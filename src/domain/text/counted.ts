/** Made for the first number that has to be grouped: it takes ten milliseconds, which most commands can do without. */
let format: Intl.NumberFormat | undefined;

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

/** Formats a number with grouped digits, such as `4,988`. */
export function grouped(count: number): string {
  if (Number.isInteger(count) && Math.abs(count) < 1_000) return `${count}`;
  format ??= new Intl.NumberFormat('en-US');
  return format.format(count);
}
