import { orderOf } from '../../domain/lists/list-grammar.js';
import { TOKEN_LIST, type TokenQuery } from '../../domain/lists/token-list.js';
import type { TokenRecord } from '../../domain/model/token.js';
import type { TokenList } from '../../domain/ports/token-store.js';
import { TOKEN_KEY_COLUMNS, tokenSource } from '../../sql/token-list.js';
import type { Session } from '../connection/database.js';
import { POSTGRES } from '../lists/dialect.js';
import { readList } from '../lists/list-reader.js';

/** The columns of a `TokenRecord`. */
export const TOKEN_COLUMNS = `id, user_name AS "user", hash, scopes, created_at AS "createdAt", expires_at AS "expiresAt",
  revoked_at AS "revokedAt", name, used_at AS "usedAt", disabled_at AS "disabledAt", log_in_space AS "logInSpace"`;

/** Reads a user's own tokens that are not revoked, or a page of them; runs in its caller's transaction. */
export async function readTokenPage(
  session: Session,
  user: string,
  query: TokenQuery,
  now: number,
): Promise<TokenList> {
  const source = tokenSource(POSTGRES, TOKEN_COLUMNS, user, query, now);
  const order = orderOf(TOKEN_LIST, query.sort);
  const list = { source, order, columnOf: TOKEN_KEY_COLUMNS };
  const { rows, place } = await readList<TokenRecord, keyof typeof TOKEN_KEY_COLUMNS>(session, list, query.page);
  return { tokens: rows, place };
}
