import { OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Migration } from '../../domain/ports/migration.js';
import type { Database, Session } from '../connection/database.js';

/** Any number that nobody else takes: hosts that start together wait for each other by it. */
const LOCK = 0x6f766164;

/**
 * Brings the schema up to date, each migration in a transaction of its own, one host at a time. Rejects with OvadexError
 * `foreign` if the schema is newer than the files, and `index` if an applied file has changed since.
 */
export async function migrate(db: Database, migrations: readonly Migration[], clock: Clock = Date.now): Promise<void> {
  for (const migration of migrations) {
    await db.write(async (session) => {
      await session.run('SELECT pg_advisory_xact_lock($1)', [LOCK]);
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
  const applied = await session.rows<{ number: number; name: string; checksum: string }>(
    'SELECT number, name, checksum FROM migrations ORDER BY number',
  );
  for (const { number, checksum } of applied) {
    const migration = migrations[number - 1];
    if (migration === undefined) {
      throw new OvadexError(
        'foreign',
        `the index was written by a newer ovadex (schema ${applied.length}, this one knows ${migrations.length}); use that version`,
      );
    }
    if (migration.checksum === checksum) continue;
    throw new OvadexError(
      'index',
      `migration ${migration.name} differs from the one that created this index (SHA-256 ${migration.checksum}, applied was ${checksum}); restore that file`,
    );
  }
  return applied.length;
}
