import { printable } from './printable.js';

/** How spreadsheets begin what they compute (OWASP, CSV Injection): such a text gets a `'` before it, which they hide. */
const FORMULA = /^[=+\-@\t\r]/;

/** A line of a table as RFC 4180 has it; null is empty. What would steer a terminal is shown by its number, as everywhere. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: unknown): string {
  if (typeof value !== 'string') return value === null ? '' : `${value as number | boolean}`;
  const text = printable(FORMULA.test(value) ? `'${value}` : value);
  return /[",]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
