import { closeSync, openSync, writeSync } from 'node:fs';

/** SQLite's usual size of a page, which an index has. */
const PAGE_BYTES = 4096;

/** Overwrites a page of a database file, counted from 1, as a failing disk would. */
export function spoilPage(file: string, page: number): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(PAGE_BYTES, 0xa5), 0, PAGE_BYTES, (page - 1) * PAGE_BYTES);
  closeSync(descriptor);
}
