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

/** A token that was made just now, for a user who has logged in. Times are ms since the epoch, whole seconds. */
export interface SessionToken {
  readonly token: string;
  readonly expiresAt: number;
  readonly lifetimeMs: number;
}
