const number = new Intl.NumberFormat('en-US');

/** `1 space`, `5,000 spaces`, `no` being a number like any other: `0 spaces`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number.format(count)} ${count === 1 ? one : many}`;
}

/** `4,988` */
export function grouped(count: number): string {
  return number.format(count);
}
