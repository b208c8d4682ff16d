import { orderOf } from '../../domain/lists/list-grammar.js';
import { compareBy } from '../../domain/lists/order.js';
import { placeOf } from '../../domain/lists/page.js';
import { matchesToken, TOKEN_LIST, type TokenQuery, tokenKeyOf } from '../../domain/lists/token-list.js';
import type { TokenRecord } from '../../domain/model/token.js';
import type { TokenList } from '../../domain/ports/token-store.js';
import type { Session } from '../connection/database.js';

/** The columns of a `TokenRecord`. */
export const TOKEN_COLUMNS = `id, user_name AS "user", hash, scopes, created_at AS "createdAt", expires_at AS "expiresAt",
  revoked_at AS "revokedAt", name, used_at AS "usedAt", disabled_at AS "disabledAt", log_in_space AS "logInSpace"`;

/** Reads a user's own tokens that are not revoked, or a page of them. */
export async function readTokenPage(
  session: Session,
  user: string,
  query: TokenQuery,
  now: number,
): Promise<TokenList> {
  const all = await session.rows<TokenRecord>(
    `SELECT ${TOKEN_COLUMNS} FROM tokens WHERE user_name = $1 AND revoked_at IS NULL`,
    [user],
  );
  const matching = all
    .filter((token) => matchesToken(query, token, now))
    .sort(compareBy(orderOf(TOKEN_LIST, query.sort), tokenKeyOf));
  const total = matching.length;
  if (query.page === undefined) return { tokens: matching, place: { total, hasBefore: false, hasAfter: false } };
  const { number, size } = query.page;
  const tokens = matching.slice((number - 1) * size, number * size);
  return { tokens, place: placeOf(query.page, total, tokens.length, false) };
}
