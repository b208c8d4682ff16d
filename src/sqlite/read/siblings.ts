import type { Sibling } from '../../domain/description/image-state.js';

/** Writes the files of a collection as its row has them: in the order of their names, so that equal ones are equal texts. */
export function siblingsToText(siblings: readonly Sibling[] | null): string | null {
  if (siblings === null) return null;
  const files = siblings.map(({ name, sizeBytes }) => [name, sizeBytes] as const);
  return JSON.stringify(files.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

export function siblingsFromText(text: string | null): readonly Sibling[] | null {
  if (text === null) return null;
  const files = JSON.parse(text) as (readonly [name: string, sizeBytes: number | null])[];
  return files.map(([name, sizeBytes]) => ({ name, sizeBytes }));
}
