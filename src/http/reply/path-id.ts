/** Returns the id in a path, a positive integer; null for anything else, which is then answered like an unknown id. */
export function readId(text: string): number | null {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : null;
  return Number.isSafeInteger(id) ? id : null;
}
