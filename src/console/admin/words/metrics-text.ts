/** Returns the value of a metric without labels in a text of Prometheus; null if it has none. */
export function metricOf(text: string, name: string): number | null {
  const [, value] = new RegExp(`^${name} (\\S+)`, 'm').exec(text) ?? [];
  const number = Number(value);
  return value === undefined || !Number.isFinite(number) ? null : number;
}
