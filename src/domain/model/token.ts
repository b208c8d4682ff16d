/** `admin` opens the administration; a token without it reads its user's own images. */
export const TOKEN_SCOPES = ['admin'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** A token as it is kept: its hash only. Times are ms since the epoch. */
export interface TokenRecord {
  readonly id: number;
  readonly user: string;
  /** SHA-256, lower-case hex: of the token, or of the number that a log-in's token bears. */
  readonly hash: string;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** What it is for; null: nobody has said. */
  readonly name: string | null;
  /** The last use, to the minute; null: none that is known. */
  readonly usedAt: number | null;
  /** Set while it opens nothing, until it is enabled again. */
  readonly disabledAt: number | null;
  /** The number of the space that a log-in opened; null for a token that the command line made. */
  readonly logInSpace: number | null;
}

/** A token before it is kept. */
export type NewToken = Pick<TokenRecord, 'user' | 'hash' | 'scopes' | 'createdAt' | 'expiresAt'> &
  Partial<Pick<TokenRecord, 'name' | 'logInSpace'>>;

export type TokenState = 'valid' | 'disabled' | 'expired' | 'revoked';

/** What a token is good for at this time; what can't be undone goes first. */
export function tokenStateAt(token: TokenRecord, now: number): TokenState {
  if (token.revokedAt !== null) return 'revoked';
  if (hasExpired(token, now)) return 'expired';
  return token.disabledAt === null ? 'valid' : 'disabled';
}

/** Who is calling. */
export interface Principal {
  readonly user: string;
  readonly scopes: readonly TokenScope[];
  /** When that ends to be known; null: never. */
  readonly expiresAt: number | null;
  /** Of a token that the index has. */
  readonly tokenId?: number;
  /** Who vouches for it; not there: ovadex itself. */
  readonly issuer?: string;
}

/**
 * What keeps a caller from enabling a token of the same user: scopes of it that the caller does not have. Otherwise
 * whoever finds a weak token could bring a stronger one back that was disabled since it had leaked.
 */
export function scopesLackingOf(
  caller: Pick<Principal, 'scopes'>,
  token: Pick<TokenRecord, 'scopes'>,
): readonly TokenScope[] {
  return token.scopes.filter((scope) => !caller.scopes.includes(scope));
}

/** Whether a token, or what it says, is over at this time, in ms since the epoch. */
export function hasExpired({ expiresAt }: { readonly expiresAt: number | null }, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/** How an issuer may sign: with keys of which everybody may know the public half, so no secret is shared with it. */
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

/** An organisation's own issuer of tokens (JWT), and how to read who comes with one. */
export interface IssuerSettings {
  /** Exactly as its tokens have it. */
  readonly issuer: string;
  /** What its tokens for this API name as their audience. */
  readonly audience: string;
  /** Where its keys are; null: where its discovery document says. */
  readonly jwksUrl: string | null;
  readonly algorithms: readonly IssuerAlgorithm[];
  /** The claim that is the user's name. */
  readonly userClaim: string;
  /** Whoever has this value in this claim is an administrator; null: nobody is. */
  readonly admin: { readonly claim: string; readonly value: string } | null;
  /** How far its clock may be off. */
  readonly leewayMs: number;
}

/** A token that was made just now, for a user who has logged in. Times are ms since the epoch, whole seconds. */
export interface SessionToken {
  readonly token: string;
  readonly expiresAt: number;
  readonly lifetimeMs: number;
}
