/** Copies a text: a slice of the body would keep its whole chunk in memory. */
export function detached(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
