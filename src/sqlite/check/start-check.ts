import Database from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import { sizeOf } from '../backup/copy.js';
import { indexError, REMEDY } from '../file/run-query.js';

/** Up to this size all pages are checked, which takes a fifth of a second. From 100 MB on that would be most of a start. */
const WHOLE_UP_TO_BYTES = 64 * 1024 * 1024;
/** Tables that every answer and every sync needs, and that grow only with the users. */
const ALWAYS = ['migrations', 'spaces', 'tokens', 'trigram_extent'];

/**
 * Checks that an index is fit to be served: a daemon that starts with a damaged one answers some calls and fails
 * others. In a large one only the small tables are checked, and other damage shows when it is read. Throws OvadexError
 * `damaged`.
 */
export function requireUndamaged(db: Database.Database): void {
  const scopes = sizeOf(db.name) <= WHOLE_UP_TO_BYTES ? ['1'] : ALWAYS;
  try {
    for (const scope of scopes) {
      const found = db.pragma(`quick_check(${scope})`, { simple: true });
      if (found !== 'ok')
        throw new OvadexError('damaged', `${db.name}: the index is damaged: ${String(found)}; ${REMEDY}`);
    }
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    throw indexError(error, `${db.name}: the index can't be read`);
  }
}
