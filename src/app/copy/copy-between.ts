import { existsSync } from 'node:fs';
import { type DatabaseSettings, urlOfDatabase } from '../../config/sections/data.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { CopySource, CopyTarget } from '../../domain/ports/index-copy.js';
import { createDatabase } from '../../postgres/connection/database.js';
import { createPool } from '../../postgres/connection/pool.js';
import { createCopySource } from '../../postgres/copy/copy-source.js';
import { createCopyTarget } from '../../postgres/copy/copy-target.js';
import { openCopySource } from '../../sqlite/copy/copy-source.js';
import { openCopyTarget } from '../../sqlite/copy/copy-target.js';
import { makeDataDirectory } from '../engines/data-directory.js';
import type { IndexPlace } from '../engines/index-ports.js';
import { poolOf } from '../engines/postgres-client.js';
import { makeSchema, requireCurrent } from '../engines/postgres-index.js';
import { fileOf, sqliteMigrations } from '../engines/sqlite-index.js';
import { type CopyOptions, type CopyOutcome, copyIndex } from './copy-index.js';

export type { CopyOptions, CopyOutcome, CopyProgress } from './copy-index.js';

/** Which way an index goes: from the data directory to a database, or back. */
export type CopyDirection = 'to' | 'from';

/** A connection for the moment that is read, and one for what is asked beside it. */
const CONNECTIONS = 2;
/** Hosts that use a database are told from a copy by it. */
const COPYING = 'ovadex db copy';

export interface CopiedIndex extends CopyOutcome {
  /** Names for people. */
  readonly source: string;
  readonly target: string;
}

/**
 * Copies the index of the data directory to a database, or back; see `copyIndex`. Also rejects with OvadexError `not-found` if
 * there is nothing to copy in the data directory.
 */
export async function copyBetween(
  place: IndexPlace,
  direction: CopyDirection,
  database: DatabaseSettings,
  options: CopyOptions,
): Promise<CopiedIndex> {
  const file = fileOf(place);
  const migrations = sqliteMigrations();
  const open = direction === 'to' ? openTo : openFrom;
  const [source, target] = await open();
  try {
    return { ...(await copyIndex(source, target, options)), source: source.name, target: target.name };
  } finally {
    await source.close();
    await target.close();
  }

  async function openTo(): Promise<[CopySource, CopyTarget]> {
    if (!existsSync(file)) throw new OvadexError('not-found', `${file}: there is no index to copy`);
    const source = openCopySource(file, { migrations, replicated: place.data.replicated ?? false });
    const { db, name } = connect(database);
    try {
      await makeSchema(db, name, { isForCopy: true });
      return [source, createCopyTarget(db, name)];
    } catch (error) {
      await db.close();
      await source.close();
      throw error;
    }
  }

  async function openFrom(): Promise<[CopySource, CopyTarget]> {
    const { db, name } = connect(database);
    try {
      await requireCurrent(db, name);
      makeDataDirectory(place.data.directory);
      return [createCopySource(db, name), openCopyTarget(file, migrations)];
    } catch (error) {
      await db.close();
      throw error;
    }
  }
}

function connect(settings: DatabaseSettings) {
  const pool = createPool({ ...poolOf(settings), max: CONNECTIONS, application_name: COPYING });
  return { db: createDatabase(pool), name: urlOfDatabase(settings) };
}
