const number = new Intl.NumberFormat('en-US');

/** Returns a count and its noun: `1 space`, `5,000 spaces`, `0 spaces`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number.format(count)} ${count === 1 ? one : many}`;
}

/** Formats a number with grouped digits, such as `4,988`. */
export function grouped(count: number): string {
  return number.format(count);
}
