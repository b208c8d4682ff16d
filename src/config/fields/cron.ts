import { validateDetailed } from 'node-cron';

/** A field of a cron expression, as described to people. */
interface Field {
  readonly name: string;
  readonly allowed: string;
}

const MONTHS = 'jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov or dec';

const FIELDS: Readonly<Record<string, Field>> = {
  second: { name: 'second', allowed: '0 to 59' },
  minute: { name: 'minute', allowed: '0 to 59' },
  hour: { name: 'hour', allowed: '0 to 23' },
  dayOfMonth: { name: 'day of the month', allowed: '1 to 31' },
  month: { name: 'month', allowed: `1 to 12, ${MONTHS}` },
  dayOfWeek: { name: 'day of the week', allowed: '0 to 7 (0 and 7 are Sunday), or sun to sat' },
};
const IN_ORDER = 'minute, hour, day of the month, month, day of the week';
const IMPOSSIBLE = 'impossible day';

/** Explains why this is not a cron expression of five or six fields; null if it is one. */
export function cronProblem(expression: string): string | null {
  const given = expression.trim();
  const fields = given === '' ? [] : given.split(/\s+/);
  const { valid, errors } = validateDetailed(expression);
  if (valid) return null;
  if (fields.length < 5 || fields.length > 6) {
    const count = `${fields.length} ${fields.length === 1 ? 'field' : 'fields'}`;
    return `it has ${count}, but needs ${IN_ORDER}`;
  }
  const told = errors.map(({ field, message }) => problemOf(field, message, fields));
  return told.length === 0 ? 'it cannot be read' : told.join('; ');
}

function problemOf(field: string, message: string, fields: readonly string[]): string {
  const known = FIELDS[field];
  if (known === undefined) return 'it contains characters that have no meaning in it';
  const at = Object.keys(FIELDS).indexOf(field) - (6 - fields.length);
  const value = fields[at] ?? '';
  if (message.includes(IMPOSSIBLE)) {
    return `no month of "${fields[at + 1] ?? ''}" has a day ${value}, so it would never run`;
  }
  return `"${value}" is not a valid ${known.name}; use ${known.allowed}, *, lists (1,5), ranges (1-5) and steps (*/5)`;
}
