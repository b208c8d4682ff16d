import Database from 'better-sqlite3';

/** What the index that is replaced knows and a backup of an earlier time must not forget. */
export interface Newer {
  /** The last ids given, of each table: none is given twice. */
  readonly sequences: readonly (readonly [table: string, last: number])[];
  /** A token that was revoked since stays revoked. */
  readonly revocations: readonly (readonly [hash: string, revokedAt: number])[];
}

/** null where it can't be read. */
export function readNewer(db: Database.Database): Newer | null {
  try {
    return {
      sequences: db.prepare<[], [string, number]>('SELECT name, seq FROM sqlite_sequence').raw().all(),
      revocations: db
        .prepare<[], [string, number]>('SELECT hash, revoked_at FROM tokens WHERE revoked_at IS NOT NULL')
        .raw()
        .all(),
    };
  } catch (error) {
    if (error instanceof Database.SqliteError) return null;
    throw error;
  }
}

/**
 * Makes a backup fit to go on from: with what is newer, and without syncs that were on their way when it was
 * made. What they had listed by then is old; every space is listed in full.
 */
export function writeNewer(file: string, { sequences, revocations }: Newer, now: number): void {
  const db = new Database(file);
  try {
    const raise = db.prepare<[number, string]>('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?');
    const begin = db.prepare<[string, number]>('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)');
    const revoke = db.prepare<[number, string]>(
      'UPDATE tokens SET revoked_at = ? WHERE hash = ? AND revoked_at IS NULL',
    );
    db.transaction(() => {
      for (const [table, last] of sequences) if (raise.run(last, table).changes === 0) begin.run(table, last);
      for (const [hash, revokedAt] of revocations) revoke.run(revokedAt, hash);
      db.prepare<[number, number]>(
        `UPDATE syncs SET status = 'CANCELLED', ended_at = ?, updated_at = ? WHERE ended_at IS NULL`,
      ).run(now, now);
      db.prepare<[number]>(
        'UPDATE spaces SET lease_owner = NULL, lease_sync = NULL, lease_until = NULL, full_due_at = ?',
      ).run(now);
    })();
  } finally {
    db.close();
  }
}
