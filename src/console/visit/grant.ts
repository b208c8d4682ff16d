import type { Ask } from './ask.js';
import type { Session } from './sessions.js';

/** What a session begins with: a token and whose it is; or why there is none. */
export type Grant =
  | (Pick<Session, 'user' | 'scopes' | 'token' | 'origin'> & { readonly expiresAt: number | null })
  | { readonly refused: string; readonly status: number };

/** Who signs in, as the form says: by a password of the storage, or by a token. */
export interface Claim {
  readonly user: string;
  readonly password: string;
  readonly token: string;
}

interface UserJson {
  readonly username: string;
  readonly scopes: readonly string[];
  readonly token_expires_on: string | null;
}

/** Asks the API as whoever has this `Authorization`. */
type AskAs = (authorization: string | null) => Ask;

/** Exchanges a password for a token of the API, or takes a token as it is; the API says whether it is good, and whose. */
export async function grantFor(askAs: AskAs, claim: Claim): Promise<Grant> {
  const pasted = claim.token.trim();
  if (pasted !== '') return await grantOf(askAs, pasted, 'pasted');
  const basic = `Basic ${Buffer.from(`${claim.user}:${claim.password}`).toString('base64')}`;
  const response = await askAs(basic).raw('POST', '/auth/request-token');
  const body = (await response.json()) as { token?: string; detail?: string };
  if (body.token === undefined) return { refused: body.detail ?? '', status: response.status };
  return await grantOf(askAs, body.token, 'log-in');
}

/** Asks whose a token is. */
export async function grantOf(askAs: AskAs, token: string, origin: Session['origin']): Promise<Grant> {
  // Anything else would end the header, and begin another.
  if (!/^[\x21-\x7e]+$/.test(token))
    return { refused: 'this is not a token: it has no spaces or letters with accents', status: 401 };
  const who = await askAs(`Bearer ${token}`).get<UserJson>('/v2/user');
  if (!who.isGood) return { refused: who.detail, status: who.status };
  const { username: user, scopes, token_expires_on: expiry } = who.data;
  return { user, scopes, token, origin, expiresAt: expiry === null ? null : Date.parse(expiry) };
}

/** Ends the token that was made for a session, so that it opens nothing any more. */
export async function endGrant(ask: Ask): Promise<void> {
  const tokens = await ask.get<readonly { readonly id: number; readonly is_current: boolean }[]>('/v2/user/token');
  const current = tokens.isGood ? tokens.data.find((token) => token.is_current) : undefined;
  if (current !== undefined) await ask.send('DELETE', `/v2/user/token/${current.id}`);
}
