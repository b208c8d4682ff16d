import Database from 'better-sqlite3';
import { CONTENT_KINDS, columnsOf, createSpaceContent, FORGOTTEN, FORGOTTEN_AT_ONCE } from '../write/space-content.js';

/** What an index says of a token. */
interface TokenState {
  readonly revokedAt: number | null;
  readonly disabledAt: number | null;
}

/** What the index that is replaced knows and a backup of an earlier time must not forget. */
export interface Newer {
  /** The last ids given, of each table: none is given twice. */
  readonly sequences: readonly (readonly [table: string, last: number])[];
  /** By their hashes: of each token that it has, its word counts. */
  readonly tokens: ReadonlyMap<string, TokenState>;
  /** null where just this can't be read. */
  readonly gone: Gone | null;
}

/** What tells who was forgotten, without their names. */
interface Gone {
  /** When the index was begun, which its copies say as well: of any other it doesn't know what is missing. */
  readonly begunAt: number | null;
  /** The numbers of spaces whose users were forgotten. */
  readonly forgotten: readonly number[];
  /** The highest number of a space. */
  readonly lastSpace: number;
  /** Syncs that somebody asked for whom it still knows. */
  readonly requests: readonly number[];
}

export const NOTHING_NEWER: Newer = { sequences: [], tokens: new Map(), gone: null };

type TokenRow = [hash: string, revokedAt: number | null, disabledAt: number | null];

/** null where it can't be read. */
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
 * Makes a backup fit to go on from: with what is newer, and without syncs that were on their way when it was
 * made. What they had listed by then is old; every space is listed in full. Answers whether the newer index, being
 * the one that was backed up, tells who was forgotten since.
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

/** A token that the newer index has no more was forgotten, or was a log-in that is over: that names nobody, and ends it. */
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

/** The index itself says who was forgotten, by what it lacks: a list of their names would remember them. */
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
  // Numbers of spaces that are newer than the backup aren't given again. They aren't called forgotten: whoever goes back to
  // the replaced index has those spaces again.
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
