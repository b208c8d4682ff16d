import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { OvadexError } from '../domain/model/errors.js';
import type { Migration } from '../domain/model/migration.js';

/** Reads all migrations of a folder in their order. Throws OvadexError `index` if one is missing. */
export function readMigrations(directory: URL | string): readonly Migration[] {
  const folder = directory instanceof URL ? fileURLToPath(directory) : directory;
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  if (names.length === 0) throw new OvadexError('index', `${folder}: there is no migration (NNNN-name.sql) here`);
  return names.map((name, index) => {
    const number = index + 1;
    if (!name.startsWith(`${String(number).padStart(4, '0')}-`)) {
      throw new OvadexError('index', `${folder}: migration ${number} is missing; the file in its place is "${name}"`);
    }
    // A checkout on another system may have changed the line ends, which does not change the migration.
    const sql = readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n');
    return { number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}
