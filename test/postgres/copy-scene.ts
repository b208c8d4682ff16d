import { join } from 'node:path';
import type { Database as SqliteDatabase } from 'better-sqlite3';
import { type CopyOptions, type CopyOutcome, copyIndex } from '../../src/app/copy/copy-index.js';
import { INDEX_TABLES } from '../../src/domain/copy/index-tables.js';
import type { CopySource, CopyTarget } from '../../src/domain/ports/index-copy.js';
import { createCopySource } from '../../src/postgres/copy/copy-source.js';
import { createCopyTarget } from '../../src/postgres/copy/copy-target.js';
import { openCopySource } from '../../src/sqlite/copy/copy-source.js';
import { openCopyTarget } from '../../src/sqlite/copy/copy-target.js';
import { openDatabase } from '../../src/sqlite/file/database.js';
import { makeSqliteIndex, MIGRATIONS as SQLITE_MIGRATIONS, temporaryDirectory } from '../sqlite/temporary-index.js';
import type { Cleanup } from '../support/cleanup.js';
import { makePgliteIndex } from './pglite-index.js';

/** Few, so that tables take several steps. */
export const ROWS_AT_ONCE = 3;

/** An index in a file, and an empty one in PostgreSQL to which it is copied. */
export type CopyScene = Awaited<ReturnType<typeof makeCopyScene>>;

export async function makeCopyScene(cleanup: Cleanup) {
  const index = await makeSqliteIndex();
  cleanup.add(index.close);
  const { db: postgres, close } = await makePgliteIndex();
  cleanup.add(close);
  cleanup.add(() => postgres.run('DROP TABLE IF EXISTS copy_progress'));
  const source = () => openCopySource(index.file, { migrations: SQLITE_MIGRATIONS, replicated: false });
  const target = () => createCopyTarget(postgres, 'there');
  return {
    index,
    postgres,
    source,
    target,
    /** Copies from the file to PostgreSQL. */
    async copyThere(options: CopyOptions = {}, to = target()) {
      const from = source();
      return await copyAndClose(from, to, from, options);
    },
    /** Copies from PostgreSQL to a file. */
    async copyBack(file: string, options: CopyOptions = {}) {
      const to = openCopyTarget(file, SQLITE_MIGRATIONS);
      return await copyAndClose(createCopySource(postgres, 'there'), to, to, options);
    },
    newFile() {
      const directory = temporaryDirectory();
      cleanup.add(directory.remove);
      return join(directory.path, 'ovadex.db');
    },
    /** Everything that the index has but for runs, read without the code under test. */
    content: () => contentOf(index.db),
    counts: () => countsOf(index.db),
  };
}

/** What `content` returns, of another file. */
export function contentOfFile(file: string): object {
  const db = openDatabase(file);
  try {
    return contentOf(db);
  } finally {
    db.close();
  }
}

/** The database of PGlite stays open: only the file is closed. */
async function copyAndClose(
  source: CopySource,
  target: CopyTarget,
  file: CopySource | CopyTarget,
  options: CopyOptions,
): Promise<CopyOutcome> {
  try {
    return await copyIndex(source, target, { rowsAtOnce: ROWS_AT_ONCE, ...options });
  } finally {
    await file.close();
  }
}

function contentOf(db: SqliteDatabase): object {
  const read = (what: string) => db.prepare(`SELECT * FROM ${what}`).raw().all();
  const tables = INDEX_TABLES.map(({ name }) => name).filter((name) => name !== 'runs');
  return {
    ...Object.fromEntries(tables.map((table) => [table, read(`${table} ORDER BY 1, 2`)])),
    groups: read('image_groups'),
    messages: read('webhook_messages'),
    given: read("sqlite_sequence WHERE name <> 'runs' AND seq > 0 ORDER BY name"),
  };
}

function countsOf(db: SqliteDatabase): Record<string, number> {
  return Object.fromEntries(
    INDEX_TABLES.map(({ name }) => [name, db.prepare<[], number>(`SELECT count(*) FROM ${name}`).pluck().get() ?? 0]),
  );
}
