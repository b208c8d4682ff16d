import type { Database } from 'better-sqlite3';
import { orderOf } from '../../domain/lists/list-grammar.js';
import { TOKEN_LIST, type TokenKey } from '../../domain/lists/token-list.js';
import type { NewToken, TokenRecord, TokenScope } from '../../domain/model/token.js';
import { MAX_LOG_INS, MAX_OWN_TOKENS, type TokenStore, type TokenUse } from '../../domain/ports/token-store.js';
import { TOKEN_KEY_COLUMNS, tokenSource } from '../../sql/token-list.js';
import { durably } from '../file/durably.js';
import { attempt } from '../file/run-query.js';
import { SQLITE } from '../lists/dialect.js';
import { createListReader } from '../lists/list-reader.js';

interface TokenRow extends Omit<TokenRecord, 'scopes'> {
  readonly scopes: string;
}

type InsertParameters = [string, string, string, number, number | null, string | null, number | null];

const COLUMNS = `id, user, hash, scopes, created_at AS createdAt, expires_at AS expiresAt, revoked_at AS revokedAt,
  name, used_at AS usedAt, disabled_at AS disabledAt, log_in_space AS logInSpace`;
/** Expired log-ins are deleted with the next ones, this many at once, so log-ins never wait long, and there are never many. */
const FORGOTTEN_AT_ONCE = 100;

/** Creates the store of tokens by their hashes. Rejects with OvadexError `index`. */
export function createTokenStore(db: Database): TokenStore {
  const statements = prepareStatements(db);
  const lists = createListReader(db, 'objects');

  // RETURNING yields exactly the row that was inserted.
  const insert = (token: NewToken) => tokenFromRow(statements.insert.get(...valuesOf(token)) as TokenRow);
  const insertAll = db.transaction((tokens: readonly NewToken[]) => tokens.map(insert));
  const recordLogIn = db.transaction((token: NewToken & { readonly logInSpace: number }): TokenRecord | null => {
    const { user, createdAt: now, logInSpace } = token;
    if (statements.isSpaceOf.get(logInSpace, user) === undefined) return null;
    statements.forgetOver.run(now, FORGOTTEN_AT_ONCE);
    const record = insert(token);
    statements.forgetUnused.run(user, user, MAX_LOG_INS);
    return record;
  });
  const createOwn = db.transaction((token: NewToken): TokenRecord | null => {
    const { user, createdAt: now } = token;
    if ((statements.living.get(user, now)?.tokens ?? 0) >= MAX_OWN_TOKENS) return null;
    statements.forgetEnded.run(user, now, MAX_OWN_TOKENS);
    return insert(token);
  });
  const noteUses = db.transaction((uses: readonly TokenUse[]) => {
    for (const { id, at } of uses) statements.noteUse.run(at, id);
  });
  const found = (row: TokenRow | undefined) => (row === undefined ? null : tokenFromRow(row));

  return {
    create: (token) => attempt(() => durably(db, () => insert(token))),
    createAll: (tokens) => attempt(() => durably(db, () => insertAll.immediate(tokens))),
    // If it is lost in a crash, its user logs in again.
    recordLogIn: (token) => attempt(() => recordLogIn.immediate(token)),
    createOwn: (token) => attempt(() => durably(db, () => createOwn.immediate(token))),
    findByHash: (hash) => attempt(() => found(statements.byHash.get(hash))),
    list: ({ logIns } = { logIns: false }) => attempt(() => statements.all.all(logIns ? 1 : 0).map(tokenFromRow)),
    page: (user, query, now) =>
      attempt(() => {
        const source = tokenSource(SQLITE, COLUMNS, user, query, now);
        const order = orderOf(TOKEN_LIST, query.sort);
        const total = () => lists.count(source);
        const read = () => lists.read<TokenRow, TokenKey>(source, order, TOKEN_KEY_COLUMNS, query.page, total);
        const { rows, place } = db.transaction(read).deferred();
        return { tokens: rows.map(tokenFromRow), place };
      }),
    find: (user, id) => attempt(() => found(statements.ofUser.get(id, user))),
    setDisabled: (user, id, at) =>
      attempt(() => durably(db, () => found(statements.setDisabled.get(at, at, id, user)))),
    end: (user, id, now) => attempt(() => durably(db, () => statements.end.run(now, id, user)).changes > 0),
    revoke: (id, now) => attempt(() => durably(db, () => statements.revoke.run(now, id)).changes > 0),
    noteUses: (uses) => attempt(() => noteUses.immediate(uses)),
  };
}

function prepareStatements(db: Database) {
  return {
    insert: db.prepare<InsertParameters, TokenRow>(
      `INSERT INTO tokens (user, hash, scopes, created_at, expires_at, name, log_in_space)
       VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING ${COLUMNS}`,
    ),
    isSpaceOf: db.prepare<[number, string], 1>('SELECT 1 FROM spaces WHERE id = ? AND user = ? AND is_configured = 1'),
    forgetOver: db.prepare<[number, number]>(
      `DELETE FROM tokens WHERE id IN
         (SELECT id FROM tokens WHERE log_in_space IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?)`,
    ),
    forgetUnused: db.prepare<[string, string, number]>(
      `DELETE FROM tokens WHERE user = ? AND id IN
         (SELECT id FROM tokens WHERE user = ? AND log_in_space IS NOT NULL
          ORDER BY coalesce(used_at, created_at) DESC, id DESC LIMIT -1 OFFSET ?)`,
    ),
    living: db.prepare<[string, number], { readonly tokens: number }>(
      `SELECT count(*) AS tokens FROM tokens
       WHERE user = ? AND log_in_space IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)`,
    ),
    forgetEnded: db.prepare<[string, number, number]>(
      `DELETE FROM tokens WHERE id IN
         (SELECT id FROM tokens WHERE user = ? AND log_in_space IS NULL AND (revoked_at IS NOT NULL OR expires_at <= ?)
          ORDER BY id DESC LIMIT -1 OFFSET ?)`,
    ),
    byHash: db.prepare<[string], TokenRow>(`SELECT ${COLUMNS} FROM tokens WHERE hash = ?`),
    all: db.prepare<[0 | 1], TokenRow>(`SELECT ${COLUMNS} FROM tokens WHERE log_in_space IS NULL OR ? ORDER BY id`),
    ofUser: db.prepare<[number, string], TokenRow>(
      `SELECT ${COLUMNS} FROM tokens WHERE id = ? AND user = ? AND revoked_at IS NULL`,
    ),
    setDisabled: db.prepare<[number | null, number | null, number, string], TokenRow>(
      `UPDATE tokens SET disabled_at = iif(? IS NULL, NULL, coalesce(disabled_at, ?))
       WHERE id = ? AND user = ? AND revoked_at IS NULL RETURNING ${COLUMNS}`,
    ),
    end: db.prepare<[number, number, string]>(
      'UPDATE tokens SET revoked_at = ? WHERE id = ? AND user = ? AND revoked_at IS NULL',
    ),
    revoke: db.prepare<[number, number]>('UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?'),
    noteUse: db.prepare<[number, number]>('UPDATE tokens SET used_at = max(coalesce(used_at, 0), ?) WHERE id = ?'),
  };
}

function valuesOf({ user, hash, scopes, createdAt, expiresAt, name, logInSpace }: NewToken): InsertParameters {
  return [user, hash, JSON.stringify(scopes), createdAt, expiresAt, name ?? null, logInSpace ?? null];
}

function tokenFromRow(row: TokenRow): TokenRecord {
  return { ...row, scopes: JSON.parse(row.scopes) as TokenScope[] };
}
