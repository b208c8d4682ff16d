import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { KeptCopy } from '../../domain/diagnosis/daemon-health.js';
import { OvadexError } from '../../domain/model/errors.js';
import { APPLICATION_ID, BUSY_TIMEOUT_MS, isSystemError } from '../file/database.js';
import { openReadonly } from '../file/open-readonly.js';
import { timeIn } from './rotation.js';

/** Those made on request, and those from before a migration, whose schema is in the name. */
const NAME = /^ovadex-\d{8}T\d{9}Z(-schema-\d+)?\.db$/;

/**
 * Looks at the newest copies of an index in a folder, the newest first; none in a folder that is missing or can't be read,
 * which `ovadex doctor` tells. A copy was read from end to end when it was made, so this only looks for what happens to files
 * later: that they are cut off or replaced.
 */
export function listKeptCopies(folder: string, atMost: number): readonly KeptCopy[] {
  return namesIn(folder)
    .flatMap((name) => {
      const [isCopy, schema] = NAME.exec(name) ?? [];
      const madeAt = timeIn(name);
      if (isCopy === undefined || madeAt === null) return [];
      return [{ name, madeAt, isBeforeMigration: schema !== undefined }];
    })
    .sort((one, other) => other.madeAt - one.madeAt)
    .slice(0, atMost)
    .flatMap(({ name, madeAt, isBeforeMigration }) => {
      const file = path.join(folder, name);
      const sizeBytes = sizeOf(file);
      if (sizeBytes === null) return [];
      return [{ name, sizeBytes, madeAt, ...lookAt(file, sizeBytes), isBeforeMigration }];
    });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [];
  }
}

/** Returns null for a file that was removed meanwhile, by a migration or another backup, or may not be looked at. */
function sizeOf(file: string): number | null {
  try {
    return statSync(file).size;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return null;
  }
}

function lookAt(file: string, sizeBytes: number): Pick<KeptCopy, 'schema' | 'problem'> {
  if (sizeBytes === 0) return { schema: null, problem: 'it is empty' };
  try {
    const db = openReadonly(file, { timeoutMs: BUSY_TIMEOUT_MS });
    try {
      const number = (pragma: string) => Number(db.pragma(pragma, { simple: true }));
      if (number('application_id') !== APPLICATION_ID) {
        return { schema: null, problem: 'it is a database of another program' };
      }
      const wanted = number('page_count') * number('page_size');
      const problem = wanted === sizeBytes ? null : `it has ${sizeBytes} bytes instead of ${wanted}`;
      return { schema: number('user_version'), problem };
    } finally {
      db.close();
    }
  } catch (error) {
    const isOfFile =
      error instanceof Database.SqliteError || error instanceof OvadexError || error instanceof TypeError;
    if (!isOfFile) throw error;
    return { schema: null, problem: `it can't be read: ${error.message}` };
  }
}
