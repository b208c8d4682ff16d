import type { CopySource } from '../../domain/ports/index-copy.js';
import type { Database } from '../connection/database.js';
import { APPLICATION_NAME } from '../connection/pool.js';
import { createCopiedRows } from './copied-rows.js';

/**
 * Makes the source of a copy of a database whose schema is up to date; `name` is for people. Hosts
 * that use it meanwhile aren't hindered.
 */
export function createCopySource(db: Database, name: string): CopySource {
  return {
    name,
    atOneMoment: (work) => db.read((session) => work(createCopiedRows(session))),
    async isInUse() {
      const others = await db.row<{ exist: boolean }>(
        'SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1) AS exist',
        [APPLICATION_NAME],
      );
      return others?.exist ?? false;
    },
    close: async () => undefined,
  };
}
