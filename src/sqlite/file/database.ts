import { chmodSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { OvadexError } from '../../domain/model/errors.js';
import { createDatabaseFile } from './new-file.js';
import { openReadonly } from './open-readonly.js';
import { indexError } from './run-query.js';
import { WAL_LIMIT_BYTES } from './wal.js';

/** "OVDX" in the header of the file distinguishes ours from any other SQLite database (https://sqlite.org/fileformat2.html). */
export const APPLICATION_ID = 0x4f564458;

/** The longest transaction, a commit of thousands of images, takes a fraction of this, even on a slow disk. */
export const BUSY_TIMEOUT_MS = 5_000;
/** Creating an index takes about this long. */
const SWITCH_RETRY_MS = 10;
/**
 * What a reader's cache misses the kernel's has. A larger one is slower: with 64 MiB, whole lists of up to 1,000 hits in 1,000,000
 * names took 4.9 to 5.3 ms at the 99th percentile instead of 4.8 to 4.9, and a look at every name 175 ms instead of 140. Lists of
 * 100,000 images take as long with either.
 */
const READER_CACHE_KIB = 2 * 1024;
/** A writer goes through a space from one end to the other; the kernel's cache has what it misses. */
const WRITER_CACHE_KIB = 16 * 1024;
export interface OpenOptions {
  readonly readonly?: boolean;
  /** Another program checkpoints the write-ahead log after it has copied it; this one never does. */
  readonly replicated?: boolean;
}

/**
 * Opens the index, or creates an empty one that only its owner may read, since it contains hashes of tokens. Throws
 * OvadexError `index` if the file can't be opened or there is none to read, `damaged` if it is not a SQLite database (any
 * more), `foreign` if it belongs to another program.
 */
export function openDatabase(file: string, options: OpenOptions = {}): Database.Database {
  const isReadonly = options.readonly === true;
  let db: Database.Database | null = null;
  try {
    // SQLite would create it with the umask's mode; its -wal and -shm files inherit the mode of this one.
    if (!isReadonly) createDatabaseFile(file);
    const found = inodeOf(file);
    if (isReadonly && found === undefined) {
      throw new OvadexError('index', `${file}: there is no index; the first sync, or a start of the daemon, makes one`);
    }
    db = isReadonly
      ? openReadonly(file, { timeoutMs: BUSY_TIMEOUT_MS })
      : new Database(file, { timeout: BUSY_TIMEOUT_MS });
    // On a file system without links, or behind a dangling link, SQLite has created it.
    if (found === undefined) chmodSync(file, 0o600);
    const opened = found ?? inodeOf(file);
    requireOwnDatabase(db);
    configure(db, options);
    // Writes to the old file's log would go to the new one's, which has its name.
    if (inodeOf(file) === opened) return db;
    throw new OvadexError('index', `${file}: the index was just replaced; try again`);
  } catch (error) {
    db?.close();
    if (error instanceof OvadexError) throw error;
    if (error instanceof Database.SqliteError) throw indexError(error, `${file}: the index can't be opened`);
    if (!isSystemError(error) && !(error instanceof TypeError)) throw error;
    throw new OvadexError('index', `${file}: the index can't be opened: ${error.message}`, { cause: error });
  }
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}

function configure(db: Database.Database, { replicated = false }: OpenOptions): void {
  if (!db.readonly) useWriteAheadLog(db);
  // In WAL mode a crash of the machine may lose the last commits but never damages the file
  // (https://sqlite.org/pragma.html#pragma_synchronous); the next sync finds their contents again.
  db.pragma('synchronous = NORMAL');
  db.pragma('foreign_keys = ON');
  db.pragma(`cache_size = -${db.readonly ? READER_CACHE_KIB : WRITER_CACHE_KIB}`);
  // Pages; 4 MiB is SQLite's own default. The log begins anew after it, and shrinks to the limit if it had to grow.
  db.pragma(`wal_autocheckpoint = ${replicated ? 0 : 1_000}`);
  db.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
  // A failing disk would end the process by SIGBUS instead of an error; the kernel's cache has what this one misses.
  db.pragma('mmap_size = 0');
  // Sorting one space's images needs little memory, and no file names in /tmp.
  db.pragma('temp_store = MEMORY');
}

/**
 * Switches to a write-ahead log, so that readers and the writer never wait for each other. The mode stays in the file;
 * of two processes that switch it at once, SQLite refuses one without waiting. The switch is two bytes of one page,
 * written without a journal on disk: one left by a killed process would stop readers, who can't roll it back.
 */
function useWriteAheadLog(db: Database.Database): void {
  for (let retries = BUSY_TIMEOUT_MS / SWITCH_RETRY_MS; ; retries--) {
    try {
      if (db.pragma('journal_mode', { simple: true }) !== 'wal') db.pragma('journal_mode = MEMORY');
      db.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      const isBusy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!isBusy || retries <= 0) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SWITCH_RETRY_MS);
    }
  }
}

function requireOwnDatabase(db: Database.Database): void {
  // One transaction: another process may be creating the index right now.
  const [id, isEmpty] = db.transaction(() => [
    db.pragma('application_id', { simple: true }),
    db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0,
  ])();
  if (id === APPLICATION_ID || (id === 0 && isEmpty)) return;
  throw new OvadexError(
    'foreign',
    `${db.name}: this SQLite database belongs to another program (its application_id is ${id}, not ${APPLICATION_ID})`,
  );
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
