import Database from 'better-sqlite3';
import { CONTENT_KINDS, columnsOf, createSpaceContent, FORGOTTEN, FORGOTTEN_AT_ONCE } from '../write/space-content.js';

/** What an index knows about a token. */
interface TokenState {
  readonly revokedAt: number | null;
  readonly disabledAt: number | null;
}

/** What the replaced index knows and an earlier backup must not forget. */
export interface Newer {
  /** The last ids given in each table: none is given twice. */
  readonly sequences: readonly (readonly [table: string, last: number])[];
  /** The states of its tokens by hash; for these, it takes precedence over the backup. */
  readonly tokens: ReadonlyMap<string, TokenState>;
  /** Null if just this can't be read. */
  readonly gone: Gone | null;
}

/** What tells which users were forgotten, without their names. */
interface Gone {
  /** When the index was created. Its copies have the same time; about any other index it can't tell what is missing. */
  readonly begunAt: number | null;
  /** The ids of spaces whose users were forgotten. */
  readonly forgotten: readonly number[];
  /** The highest id of a space. */
  readonly lastSpace: number;
  /** Syncs whose requesting user it still knows. */
  readonly requests: readonly number[];
}

export const NOTHING_NEWER: Newer = { sequences: [], tokens: new Map(), gone: null };

type TokenRow = [hash: string, revokedAt: number | null, disabledAt: number | null];

/** Reads what a backup must not forget; returns null if it can't be read. */
export function readNewer(db: Database.Database): Newer | null {
  return unlessDamaged(() => {
    const disabledAt = columnsOf(db, 'tokens').has('disabled_at') ? 'disabled_at' : 'NULL';
    const tokens = db.prepare<[], TokenRow>(`SELECT hash, revoked_at, ${disabledAt} FROM tokens`).raw().all();
    return {
      sequences: db.prepare<[], [string, number]>('SELECT name, seq FROM sqlite_sequence').raw().all(),
      tokens: new Map(tokens.map(([hash, revokedAt, disabledAt]) => [hash, { revokedAt, disabledAt }])),
      gone: unlessDamaged(() => readGone(db)),
    };
  });
}

function readGone(db: Database.Database): Gone {
  return {
    begunAt: begunAt(db),
    forgotten: db.prepare<[string], number>('SELECT id FROM spaces WHERE user GLOB ?').pluck().all(`${FORGOTTEN}*`),
    lastSpace: lastSpace(db),
    requests: db.prepare<[], number>('SELECT id FROM syncs WHERE requested_by IS NOT NULL').pluck().all(),
  };
}

function unlessDamaged<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Database.SqliteError) return null;
    throw error;
  }
}

/**
 * Prepares a backup for use: with what is newer, and without the syncs that were under way when it was made. What they
 * had listed is outdated, so every space is listed in full. Returns whether the newer index, as the origin of the
 * backup, tells who was forgotten since.
 */
export function writeNewer(file: string, newer: Newer, now: number): boolean {
  const db = new Database(file);
  try {
    return db.transaction(() => {
      raiseSequences(db, newer);
      const gone = newer.gone !== null && newer.gone.begunAt === begunAt(db) ? newer.gone : null;
      settleTokens(db, newer, gone !== null);
      if (gone !== null) forgetAgain(db, gone, now);
      db.prepare<[number, number]>(
        `UPDATE syncs SET status = 'CANCELLED', ended_at = ?, updated_at = ? WHERE ended_at IS NULL`,
      ).run(now, now);
      // Nothing follows these, and who had joined them may have been forgotten since.
      if (columnsOf(db, 'syncs').has('joined_by')) {
        db.exec('UPDATE syncs SET joined_by = NULL WHERE joined_by IS NOT NULL');
      }
      db.prepare<[number]>(
        'UPDATE spaces SET lease_owner = NULL, lease_sync = NULL, lease_until = NULL, full_due_at = ?',
      ).run(now);
      return gone !== null;
    })();
  } finally {
    db.close();
  }
}

function raiseSequences(db: Database.Database, { sequences }: Newer): void {
  const raise = db.prepare<[number, string]>('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?');
  const begin = db.prepare<[string, number]>('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)');
  for (const [table, last] of sequences) if (raise.run(last, table).changes === 0) begin.run(table, last);
}

/**
 * Updates the backup's tokens. A token that the newer index no longer has was deleted with its user, or was a log-in
 * that has expired; it is removed without naming anybody.
 */
function settleTokens(db: Database.Database, { tokens }: Newer, isMissingEnded: boolean): void {
  const canDisable = columnsOf(db, 'tokens').has('disabled_at');
  const remove = db.prepare<[string]>('DELETE FROM tokens WHERE hash = ?');
  const revoke = db.prepare<[number, string]>('UPDATE tokens SET revoked_at = ? WHERE hash = ? AND revoked_at IS NULL');
  const setDisabled = canDisable
    ? db.prepare<[number | null, string]>('UPDATE tokens SET disabled_at = ? WHERE hash = ?')
    : null;
  for (const hash of db.prepare<[], string>('SELECT hash FROM tokens').pluck().all()) {
    const known = tokens.get(hash);
    if (known === undefined) {
      if (isMissingEnded) remove.run(hash);
      continue;
    }
    setDisabled?.run(known.disabledAt, hash);
    // A schema without disabled tokens can only revoke them.
    const revokedAt = known.revokedAt ?? (canDisable ? null : known.disabledAt);
    if (revokedAt !== null) revoke.run(revokedAt, hash);
  }
}

/**
 * Forgets again the users who were forgotten since. The index tells who by what it lacks: a list of their names would
 * remember them.
 */
function forgetAgain(db: Database.Database, { forgotten, lastSpace: newerLast, requests }: Gone, now: number): void {
  const content = createSpaceContent(db);
  const isNamed = db.prepare<[number, string], 1>('SELECT 1 FROM spaces WHERE id = ? AND user NOT GLOB ?').pluck();
  for (const space of forgotten) {
    if (isNamed.get(space, `${FORGOTTEN}*`) === undefined) continue;
    for (const kind of CONTENT_KINDS) while (content.removePiece(space, kind) === FORGOTTEN_AT_ONCE);
    content.empty(space, now);
  }
  db.prepare<[string]>(
    `UPDATE syncs SET requested_by = NULL
     WHERE requested_by IS NOT NULL AND id NOT IN (SELECT value FROM json_each(?))`,
  ).run(JSON.stringify(requests));
  // Ids of spaces that are newer than the backup aren't given again. They aren't marked as forgotten: going back to the
  // replaced index brings those spaces back.
  if (newerLast > lastSpace(db)) {
    db.prepare<[number, string, number]>(
      `INSERT INTO spaces (id, user, url, is_configured, added_at) VALUES (?, ?, '', 0, ?)`,
    ).run(newerLast, `/taken/${newerLast}`, now);
  }
}

function begunAt(db: Database.Database): number | null {
  return db.prepare<[], number>('SELECT applied_at FROM migrations WHERE number = 1').pluck().get() ?? null;
}

function lastSpace(db: Database.Database): number {
  return db.prepare<[], number | null>('SELECT max(id) FROM spaces').pluck().get() ?? 0;
}
