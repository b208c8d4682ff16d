import { printable } from './printable.js';

/** Spreadsheets evaluate text that begins like this (OWASP, CSV Injection), so it gets a `'` in front, which they hide. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Returns a line of a table as in RFC 4180; null is an empty field. Characters that would control a terminal are
 * escaped, as everywhere.
 */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: unknown): string {
  if (typeof value !== 'string') return value === null ? '' : `${value as number | boolean}`;
  const text = printable(FORMULA.test(value) ? `'${value}` : value);
  return /[",]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
