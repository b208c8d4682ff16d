/** A condition on a list of the API: field, operator, value. */
export type Condition = readonly [string, 'eq' | 'like' | 'in', string];

/** Writes conditions as the API reads them, all of which a row must meet; those without a value are left out. */
export function filterText(conditions: readonly Condition[]): string {
  return conditions
    .filter(([, , value]) => value.trim() !== '')
    .map(([field, operator, value]) => `${field},${operator},${valueText(operator, value)}`)
    .join(';');
}

function valueText(operator: Condition[1], value: string): string {
  // Values of `in` are our own words, with commas between them.
  if (operator === 'in') return value;
  const text = value.replace(/[\\;,|%]/g, '\\$&');
  return operator === 'like' ? `%${text}%` : text;
}
