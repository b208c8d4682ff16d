import { readFileSync, statSync } from 'node:fs';

/** Where SQLite keeps the bytes that everybody who has a database open locks (https://sqlite.org/fileformat2.html#the_lock_byte_page). */
const SHARED_FIRST = 0x40000000 + 2;

/** Ids of the processes that hold a lock of the kernel's on having this database open. */
export function holdersOf(file: string): readonly number[] {
  const { ino } = statSync(file);
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[5]?.endsWith(`:${ino}`) === true && Number(fields[6]) === SHARED_FIRST)
    .map((fields) => Number(fields[4]));
}
