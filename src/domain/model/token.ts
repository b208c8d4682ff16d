/**
 * `admin` gives access to the administration, `hint` allows hints at changes in any space; a token without them reads
 * its user's own images.
 */
export const TOKEN_SCOPES = ['admin', 'hint'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** A token as it is stored: by its hash only. Times are ms since the epoch. */
export interface TokenRecord {
  readonly id: number;
  readonly user: string;
  /** SHA-256 in lower-case hex, of the token or of the number in a log-in's token. */
  readonly hash: string;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** What it is for; null if nobody has said. */
  readonly name: string | null;
  /** The last use, to the minute; null if none is known. */
  readonly usedAt: number | null;
  /** When it was disabled; null while it is enabled. */
  readonly disabledAt: number | null;
  /** The number of the space that a log-in opened; null for a token that was created on the command line. */
  readonly logInSpace: number | null;
}

/** Enough for a label. */
export const MAX_TOKEN_NAME = 100;

/** What a token's name has to be, for messages. */
export const TOKEN_NAME_FORM = `must have at most ${MAX_TOKEN_NAME} characters, no control characters and no half ones`;

/** Whether a token may have this name: it is shown in tables and in the log, and no engine keeps half a character as it is. */
export function isTokenName(text: string): boolean {
  return text.length <= MAX_TOKEN_NAME && !/[\p{Cc}\p{Cs}]/u.test(text);
}

/** A token before it is stored. */
export type NewToken = Pick<TokenRecord, 'user' | 'hash' | 'scopes' | 'createdAt' | 'expiresAt'> &
  Partial<Pick<TokenRecord, 'name' | 'logInSpace'>>;

export type TokenState = 'valid' | 'disabled' | 'expired' | 'revoked';

/** Returns a token's state at this time; what can't be undone takes precedence. */
export function tokenStateAt(token: TokenRecord, now: number): TokenState {
  if (token.revokedAt !== null) return 'revoked';
  if (hasExpired(token, now)) return 'expired';
  return token.disabledAt === null ? 'valid' : 'disabled';
}

/** The identity of a caller. */
export interface Principal {
  readonly user: string;
  readonly scopes: readonly TokenScope[];
  /** When the identity expires; null for never. */
  readonly expiresAt: number | null;
  /** The id of a token that the index has. */
  readonly tokenId?: number;
  /** The issuer that vouches for it; not set if that is ovadex itself. */
  readonly issuer?: string;
  /** Set if the user has proved it by a password, and its token ends within a day. */
  readonly isLogIn?: true;
  /**
   * From when until when this is known without another look at the token, in ms since the epoch; not set if the token
   * has to be examined each time.
   */
  readonly known?: { readonly from: number; readonly until: number };
}

/**
 * Returns what keeps a caller from enabling a token of the same user: its scopes that the caller does not have.
 * Otherwise a weak token in the wrong hands could bring back a stronger one that was disabled because it had leaked.
 */
export function scopesLackingOf(
  caller: Pick<Principal, 'scopes'>,
  token: Pick<TokenRecord, 'scopes'>,
): readonly TokenScope[] {
  return token.scopes.filter((scope) => !caller.scopes.includes(scope));
}

/** Whether a token or its claims have expired at this time, in ms since the epoch. */
export function hasExpired({ expiresAt }: { readonly expiresAt: number | null }, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/** Algorithms that an issuer may sign with: those with public keys, so no secret is shared with it. */
export const ISSUER_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
export type IssuerAlgorithm = (typeof ISSUER_ALGORITHMS)[number];

/** An organisation's own issuer of tokens (JWT), and how to identify a caller by them. */
export interface IssuerSettings {
  /** The issuer's name, exactly as in its tokens. */
  readonly issuer: string;
  /** The audience that its tokens for this API have. */
  readonly audience: string;
  /** The URL of its keys; null to take it from its discovery document. */
  readonly jwksUrl: string | null;
  readonly algorithms: readonly IssuerAlgorithm[];
  /** The claim that contains the user's name. */
  readonly userClaim: string;
  /** A caller with this value in this claim is an administrator; null if nobody is. */
  readonly admin: { readonly claim: string; readonly value: string } | null;
  /** How far the issuer's clock may be off. */
  readonly leewayMs: number;
  /** How people sign in to the console there; null if they can't. */
  readonly signIn: IssuerSignInSettings | null;
}

/** The console as a client of an issuer (OpenID Connect). */
export interface IssuerSignInSettings {
  readonly clientId: string;
  /** null for a public client, which has nothing but PKCE. */
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
  /** What the button says after "Sign in with". */
  readonly label: string;
}

/** A token that was just created for a user who has logged in. Times are ms since the epoch, in whole seconds. */
export interface SessionToken {
  readonly token: string;
  readonly expiresAt: number;
  readonly lifetimeMs: number;
}
