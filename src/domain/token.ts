/** `admin` opens the administration; a token without it reads its user's own images. */
export const TOKEN_SCOPES = ['admin'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** An access token as it is kept: its hash only. Times are ms since the epoch. */
export interface TokenRecord {
  readonly id: number;
  readonly user: string;
  /** SHA-256 of the token, lower-case hex. */
  readonly hash: string;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

/** Who is calling. */
export interface Principal {
  readonly user: string;
  readonly scopes: readonly TokenScope[];
  /** When that ends to be known; null: never. */
  readonly expiresAt: number | null;
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
