import type { NewToken, TokenRecord } from '../../domain/model/token.js';
import { MAX_LOG_INS, MAX_OWN_TOKENS, type TokenStore, type TokenUse } from '../../domain/ports/token-store.js';
import type { Database, Session } from '../connection/database.js';
import { isStorable } from '../connection/values.js';
import { readTokenPage, TOKEN_COLUMNS } from '../read/token-list.js';

/** Expired log-ins are deleted with the next ones, this many at once, so log-ins never wait long, and there are never many. */
const FORGOTTEN_AT_ONCE = 100;
/** With a number made of a user's name: whoever holds it is the only one to count and delete that user's tokens. */
const LOCK = 0x746f6b;

/** Creates the store of tokens by their hashes. Rejects with OvadexError `index`. */
export function createTokenStore(db: Database): TokenStore {
  const found = async (sql: string, values: readonly unknown[]) => (await db.row<TokenRecord>(sql, values)) ?? null;

  return {
    create: (token) => insert(db, token),
    createAll: (tokens) => insertAll(db, tokens),
    recordLogIn: (token) => db.write((session) => recordLogIn(session, token)),
    createOwn: (token) => db.write((session) => createOwn(session, token)),
    findByHash: async (hash) =>
      isStorable(hash) ? found(`SELECT ${TOKEN_COLUMNS} FROM tokens WHERE hash = $1`, [hash]) : null,
    list: ({ logIns } = { logIns: false }) =>
      db.rows<TokenRecord>(`SELECT ${TOKEN_COLUMNS} FROM tokens WHERE log_in_space IS NULL OR $1 ORDER BY id`, [
        logIns,
      ]),
    page: (user, query, now) => db.read((session) => readTokenPage(session, user, query, now)),
    find: async (user, id) =>
      isStorable(user)
        ? found(`SELECT ${TOKEN_COLUMNS} FROM tokens WHERE id = $1 AND user_name = $2 AND revoked_at IS NULL`, [
            id,
            user,
          ])
        : null,
    setDisabled: (user, id, at) =>
      found(
        `UPDATE tokens SET disabled_at = CASE WHEN $1::bigint IS NOT NULL THEN coalesce(disabled_at, $1) END
         WHERE id = $2 AND user_name = $3 AND revoked_at IS NULL RETURNING ${TOKEN_COLUMNS}`,
        [at, id, user],
      ),
    end: async (user, id, now) =>
      (await db.run('UPDATE tokens SET revoked_at = $1 WHERE id = $2 AND user_name = $3 AND revoked_at IS NULL', [
        now,
        id,
        user,
      ])) > 0,
    revoke: async (id, now) =>
      (await db.run('UPDATE tokens SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2', [now, id])) > 0,
    noteUses: (uses) => noteUses(db, uses),
  };
}

/** Takes the turn to count and delete a user's tokens until the transaction ends. */
async function takeTurn(session: Session, user: string): Promise<void> {
  await session.run('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK, user]);
}

async function recordLogIn(
  session: Session,
  token: NewToken & { readonly logInSpace: number },
): Promise<TokenRecord | null> {
  const { user, createdAt: now, logInSpace } = token;
  await takeTurn(session, user);
  // The key's lock is the one that the token's reference to the space takes anyway; syncs go on meanwhile.
  const space = await session.row(
    'SELECT id FROM spaces WHERE id = $1 AND user_name = $2 AND is_configured FOR KEY SHARE',
    [logInSpace, user],
  );
  if (space === undefined) return null;
  // What another log-in is deleting is left to it.
  await session.run(
    `DELETE FROM tokens WHERE id IN
       (SELECT id FROM tokens WHERE log_in_space IS NOT NULL AND expires_at <= $1
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    [now, FORGOTTEN_AT_ONCE],
  );
  const record = await insert(session, token);
  await session.run(
    `DELETE FROM tokens WHERE user_name = $1 AND id IN
       (SELECT id FROM tokens WHERE user_name = $1 AND log_in_space IS NOT NULL
        ORDER BY coalesce(used_at, created_at) DESC, id DESC OFFSET $2)`,
    [user, MAX_LOG_INS],
  );
  return record;
}

async function createOwn(session: Session, token: NewToken): Promise<TokenRecord | null> {
  const { user, createdAt: now } = token;
  await takeTurn(session, user);
  const living = await session.row<{ readonly tokens: number }>(
    `SELECT count(*) AS tokens FROM tokens
     WHERE user_name = $1 AND log_in_space IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
    [user, now],
  );
  if ((living?.tokens ?? 0) >= MAX_OWN_TOKENS) return null;
  await session.run(
    `DELETE FROM tokens WHERE id IN
       (SELECT id FROM tokens
        WHERE user_name = $1 AND log_in_space IS NULL AND (revoked_at IS NOT NULL OR expires_at <= $2)
        ORDER BY id DESC OFFSET $3)`,
    [user, now, MAX_OWN_TOKENS],
  );
  return insert(session, token);
}

async function insert(session: Session, token: NewToken): Promise<TokenRecord> {
  const [record] = await insertAll(session, [token]);
  if (record === undefined) throw new Error('RETURNING yields the row that was inserted');
  return record;
}

/** Inserts tokens in their order, so that their ids ascend. */
async function insertAll(session: Session, tokens: readonly NewToken[]): Promise<readonly TokenRecord[]> {
  const columns = [
    tokens.map(({ user }) => user),
    tokens.map(({ hash }) => hash),
    tokens.map(({ scopes }) => JSON.stringify(scopes)),
    tokens.map(({ createdAt }) => createdAt),
    tokens.map(({ expiresAt }) => expiresAt),
    tokens.map(({ name }) => name ?? null),
    tokens.map(({ logInSpace }) => logInSpace ?? null),
  ];
  const inserted = await session.rows<TokenRecord>(
    `INSERT INTO tokens (user_name, hash, scopes, created_at, expires_at, name, log_in_space)
     SELECT user_name, hash, scopes::json, created_at, expires_at, name, log_in_space
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[])
       WITH ORDINALITY AS given (user_name, hash, scopes, created_at, expires_at, name, log_in_space, place)
     ORDER BY place
     RETURNING ${TOKEN_COLUMNS}`,
    columns,
  );
  return inserted.toSorted((a, b) => a.id - b.id);
}

/** Notes uses in the order of ids: hosts that note the same tokens at once wait for each other instead of for ever. */
async function noteUses(db: Database, uses: readonly TokenUse[]): Promise<void> {
  if (uses.length === 0) return;
  await db.run(
    `WITH given AS
       (SELECT id, max(at) AS at FROM unnest($1::bigint[], $2::bigint[]) AS given (id, at) GROUP BY id),
     later AS
       (SELECT tokens.id, given.at FROM tokens JOIN given ON given.id = tokens.id
        WHERE tokens.used_at IS NULL OR tokens.used_at < given.at
        ORDER BY tokens.id FOR NO KEY UPDATE OF tokens)
     UPDATE tokens SET used_at = later.at FROM later WHERE tokens.id = later.id`,
    [uses.map(({ id }) => id), uses.map(({ at }) => at)],
  );
}
