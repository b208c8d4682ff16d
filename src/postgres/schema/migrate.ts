import { OvadexError } from '../../domain/model/errors.js';
import { type Migration, writtenByNewer } from '../../domain/model/migration.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Database, Session } from '../connection/database.js';

/** Any number that nobody else takes: hosts that start together wait for each other by it. */
const LOCK = 0x6f766164;

/** The table by which a copy into this database says how far it is; once the copy is an index it is gone. */
export const COPY_PROGRESS = 'copy_progress';

/** Waits until no other host changes the schema, or begins a copy, and keeps all of them waiting until the transaction ends. */
export async function lockSchema(session: Session): Promise<void> {
  await session.run('SELECT pg_advisory_xact_lock($1)', [LOCK]);
}

/** Whether this database has an unfinished copy instead of an index. */
export async function isBeingCopied(session: Session): Promise<boolean> {
  const found = await session.row<{ is: boolean }>('SELECT to_regclass($1) IS NOT NULL AS is', [COPY_PROGRESS]);
  return found?.is ?? false;
}

/** Rejects with OvadexError `conflict` if this database has an unfinished copy. */
export async function requireNoCopy(session: Session): Promise<void> {
  if (!(await isBeingCopied(session))) return;
  const then = 'the same "ovadex db copy" once more goes on with it';
  throw new OvadexError('conflict', `the database has an unfinished copy of an index; ${then}`);
}

/**
 * Brings the schema up to date, each migration in a transaction of its own, one host at a time. Rejects with OvadexError
 * `foreign` if the schema is newer than the files, `index` if an applied file has changed since, and `conflict` if the
 * database has an unfinished copy of an index, unless it is for that copy.
 */
export async function migrate(
  db: Database,
  migrations: readonly Migration[],
  clock: Clock = Date.now,
  { isForCopy = false }: { readonly isForCopy?: boolean } = {},
): Promise<void> {
  if (!isForCopy) await requireNoCopy(db);
  for (const migration of migrations) {
    await db.write(async (session) => {
      await lockSchema(session);
      const version = await checkHistory(session, migrations);
      if (version >= migration.number) return;
      // A statement without values may be several.
      await session.run(migration.sql);
      await session.run('INSERT INTO migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)', [
        migration.number,
        migration.name,
        migration.checksum,
        clock(),
      ]);
    });
  }
}

/** Returns the schema's version; 0 for an empty database. */
async function checkHistory(session: Session, migrations: readonly Migration[]): Promise<number> {
  await session.run(`CREATE TABLE IF NOT EXISTS migrations (
    number bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at bigint NOT NULL)`);
  return await readHistory(session, migrations);
}

/**
 * Returns how many of these migrations the database has, and changes nothing; 0 for one that has no index. Rejects as
 * `migrate` does.
 */
export async function schemaOf(session: Session, migrations: readonly Migration[]): Promise<number> {
  const made = await session.row<{ is: boolean }>("SELECT to_regclass('migrations') IS NOT NULL AS is");
  return made?.is === true ? await readHistory(session, migrations) : 0;
}

async function readHistory(session: Session, migrations: readonly Migration[]): Promise<number> {
  const applied = await session.rows<{ number: number; name: string; checksum: string }>(
    'SELECT number, name, checksum FROM migrations ORDER BY number',
  );
  for (const { number, checksum } of applied) {
    const migration = migrations[number - 1];
    if (migration === undefined) throw writtenByNewer(applied.length, migrations.length);
    if (migration.checksum === checksum) continue;
    throw new OvadexError(
      'index',
      `migration ${migration.name} differs from the one that created this index (SHA-256 ${migration.checksum}, applied was ${checksum}); restore that file`,
    );
  }
  return applied.length;
}
