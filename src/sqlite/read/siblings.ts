import type { Sibling } from '../../domain/description/image-state.js';

type File = readonly [name: string, sizeBytes: number | null];

/** Without destructuring, which would take an iterator for each file, twice. */
const compareNames = (a: File, b: File) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);

/** Writes the files of a collection as its row has them: in the order of their names, so that equal ones are equal texts. */
export function siblingsToText(siblings: readonly Sibling[] | null): string | null {
  if (siblings === null) return null;
  const files: File[] = [];
  for (const { name, sizeBytes } of siblings) files.push([name, sizeBytes]);
  return JSON.stringify(files.sort(compareNames));
}

export function siblingsFromText(text: string | null): readonly Sibling[] | null {
  if (text === null) return null;
  const files = JSON.parse(text) as File[];
  return files.map(([name, sizeBytes]) => ({ name, sizeBytes }));
}
