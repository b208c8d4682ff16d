import { keepSigningKey, readSigningKey } from '../../auth/signing-key.js';
import { type DatabaseSettings, urlOfDatabase } from '../../config/sections/data.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { CopySource, CopyTarget } from '../../domain/ports/index-copy.js';
import { createDatabase, type Database } from '../../postgres/connection/database.js';
import { createPool } from '../../postgres/connection/pool.js';
import { createCopySource } from '../../postgres/copy/copy-source.js';
import { createCopyTarget } from '../../postgres/copy/copy-target.js';
import { keepKey, readKey, SIGNING_KEY } from '../../postgres/schema/kept-keys.js';
import { openCopySource } from '../../sqlite/copy/copy-source.js';
import { openCopyTarget } from '../../sqlite/copy/copy-target.js';
import { isMissing, makeDataDirectory } from '../engines/data-directory.js';
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
  const { directory } = place.data;
  const { db, name } = connect(database);
  const open = direction === 'to' ? openTo : openFrom;
  try {
    const { source, target, keepKey } = await open(place, db, name);
    try {
      const outcome = await copyIndex(source, target, options);
      if (outcome.isFinished) await keepKey(directory);
      return { ...outcome, source: source.name, target: target.name };
    } finally {
      await source.close();
      await target.close();
    }
  } finally {
    await db.close();
  }
}

interface Ends {
  readonly source: CopySource;
  readonly target: CopyTarget;
  /** Takes along the key by which tokens of log-ins are known. */
  keepKey(directory: string): Promise<void>;
}

async function openTo(place: IndexPlace, db: Database, name: string): Promise<Ends> {
  const file = fileOf(place);
  if (isMissing(file)) throw new OvadexError('not-found', `${file}: there is no index to copy`);
  await makeSchema(db, name, { isForCopy: true });
  return {
    source: openCopySource(file, { migrations: sqliteMigrations(), replicated: place.data.replicated ?? false }),
    target: createCopyTarget(db, name),
    async keepKey(directory) {
      const key = await readSigningKey(directory);
      if (key !== null) await keepKey(db, SIGNING_KEY, key);
    },
  };
}

async function openFrom(place: IndexPlace, db: Database, name: string): Promise<Ends> {
  await requireCurrent(db, name);
  makeDataDirectory(place.data.directory);
  return {
    source: createCopySource(db, name),
    target: openCopyTarget(fileOf(place), sqliteMigrations()),
    async keepKey(directory) {
      const key = await readKey(db, SIGNING_KEY);
      if (key !== null) await keepSigningKey(directory, key);
    },
  };
}

function connect(settings: DatabaseSettings) {
  const pool = createPool({ ...poolOf(settings), max: CONNECTIONS, application_name: COPYING });
  return { db: createDatabase(pool), name: urlOfDatabase(settings) };
}
