import type { Database } from 'better-sqlite3';
import type { TokenStore } from '../domain/ports.js';
import type { TokenRecord, TokenScope } from '../domain/token.js';
import { attempt } from './attempt.js';

interface TokenRow extends Omit<TokenRecord, 'scopes'> {
  readonly scopes: string;
}

/** Access tokens by their hashes. Rejects with OvadexError `index`. */
export function createTokenStore(db: Database): TokenStore {
  const columns = `id, user, hash, scopes, created_at AS createdAt, expires_at AS expiresAt, revoked_at AS revokedAt`;
  const insert = db.prepare<[string, string, string, number, number | null], TokenRow>(
    `INSERT INTO tokens (user, hash, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?) RETURNING ${columns}`,
  );
  const selectByHash = db.prepare<[string], TokenRow>(`SELECT ${columns} FROM tokens WHERE hash = ?`);
  const selectAll = db.prepare<[], TokenRow>(`SELECT ${columns} FROM tokens ORDER BY id`);
  const revoke = db.prepare<[number, number]>('UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?');

  /** No sync finds a token or its revocation again, so a crash of the machine must not take it. */
  const durably = <T>(work: () => T): T => {
    db.pragma('synchronous = FULL');
    try {
      return work();
    } finally {
      db.pragma('synchronous = NORMAL');
    }
  };

  return {
    create: ({ user, hash, scopes, createdAt, expiresAt }) =>
      attempt(() => {
        // RETURNING yields exactly the row that was inserted.
        const row = durably(() => insert.get(user, hash, JSON.stringify(scopes), createdAt, expiresAt)) as TokenRow;
        return tokenFromRow(row);
      }),
    findByHash: (hash) =>
      attempt(() => {
        const row = selectByHash.get(hash);
        return row === undefined ? null : tokenFromRow(row);
      }),
    list: () => attempt(() => selectAll.all().map(tokenFromRow)),
    revoke: (id, now) => attempt(() => durably(() => revoke.run(now, id)).changes > 0),
  };
}

function tokenFromRow(row: TokenRow): TokenRecord {
  return { ...row, scopes: JSON.parse(row.scopes) as TokenScope[] };
}
