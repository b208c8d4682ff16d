import type { Sibling } from '../domain/model/listing.js';

/** A file of a collection as its row has it. */
export type SiblingRow = readonly [name: string, sizeBytes: number | null];

/** Without destructuring, which would take an iterator for each file, twice. */
const compareNames = (a: SiblingRow, b: SiblingRow) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);

/** Writes the files of a collection as its row has them: in the order of their names, so that equal ones are equal texts. */
export function siblingsToText(siblings: readonly Sibling[] | null): string | null {
  if (siblings === null) return null;
  const files: SiblingRow[] = [];
  for (const { name, sizeBytes } of siblings) files.push([name, sizeBytes]);
  return JSON.stringify(files.sort(compareNames));
}

export function siblingsFromText(text: string | null): readonly Sibling[] | null {
  return text === null ? null : siblingsFromRows(JSON.parse(text) as SiblingRow[]);
}

export function siblingsFromRows(files: readonly SiblingRow[]): readonly Sibling[] {
  return files.map(([name, sizeBytes]) => ({ name, sizeBytes }));
}
