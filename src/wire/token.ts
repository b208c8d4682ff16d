import {
  type SessionToken,
  type TokenRecord,
  type TokenScope,
  type TokenState,
  tokenStateAt,
} from '../domain/model/token.js';
import { type TimestampWriter, timestamp } from './timestamp.js';

/** An access token as JSON, without its secret. */
export interface TokenJson extends TokenConditionJson {
  readonly id: number;
  readonly name: string | null;
  readonly is_log_in: boolean;
  readonly scopes: readonly TokenScope[];
  readonly state: TokenState;
  readonly expires_on: string | null;
  /** The token's whole lifetime in seconds; null: it never expires. */
  readonly duration: number | null;
}

interface TokenConditionJson {
  readonly created_on: string;
  /** When the token was created, disabled or revoked. */
  readonly updated_on: string;
  readonly last_access: string | null;
  readonly valid: boolean;
}

/** A token as its user sees it in the API, with keys that clients of the VSS API expect. */
export interface ClientTokenJson extends TokenJson {
  readonly type: 'ACCESS';
  /** Whether the request was made with this token. */
  readonly is_current: boolean;
  readonly active: boolean;
  readonly expiration: string | null;
  /** Some values again, where the oldest clients look for them. */
  readonly status: TokenConditionJson & { readonly active: boolean };
  readonly _links: { readonly self: string };
}

/** The answer to a caller who has made a token: it is shown this once. */
export interface CreatedTokenJson extends ClientTokenJson {
  readonly token: string;
}

/** A token in the commands, which show those of all users. */
export interface AdminTokenJson extends TokenJson {
  readonly user: string;
  readonly disabled_on: string | null;
  readonly revoked_on: string | null;
}

/** The answer to a log-in: the token itself, valid until it expires. */
export interface SessionTokenJson {
  readonly token: string;
  readonly type: 'ACCESS';
  /** Lifetime in seconds. */
  readonly duration: number;
  /** Expiry in seconds since the epoch. */
  readonly exp: number;
  readonly exp_date: string;
  readonly valid_until: string;
  readonly user: string;
  /** Whether an app password of the user's storage is kept. */
  readonly app_password_kept: boolean;
}

export function tokenToJson(token: TokenRecord, now: number, write: TimestampWriter = timestamp): TokenJson {
  const { id, name, scopes, createdAt, expiresAt } = token;
  const state = tokenStateAt(token, now);
  return {
    id,
    name,
    is_log_in: token.logInSpace !== null,
    scopes,
    state,
    created_on: write(createdAt),
    updated_on: write(Math.max(createdAt, token.disabledAt ?? 0, token.revokedAt ?? 0)),
    last_access: write(token.usedAt),
    valid: state === 'valid',
    expires_on: write(expiresAt),
    duration: expiresAt === null ? null : Math.round((expiresAt - createdAt) / 1000),
  };
}

/**
 * Returns a token as the API shows it; `url` is its own address, and `currentId` the id of the token with which the
 * request was made, if it has one.
 */
export function clientTokenToJson(
  token: TokenRecord,
  { now, url, currentId }: { readonly now: number; readonly url: string; readonly currentId: number | undefined },
): ClientTokenJson {
  const json = tokenToJson(token, now);
  const { created_on, updated_on, last_access, valid } = json;
  return {
    ...json,
    type: 'ACCESS',
    is_current: token.id === currentId,
    active: valid,
    expiration: json.expires_on,
    status: { created_on, updated_on, last_access, valid, active: valid },
    _links: { self: url },
  };
}

export function createdTokenToJson(token: string, about: ClientTokenJson): CreatedTokenJson {
  return { token, ...about };
}

export function adminTokenToJson(token: TokenRecord, now: number, write: TimestampWriter = timestamp): AdminTokenJson {
  const { user, disabledAt, revokedAt } = token;
  return { user, ...tokenToJson(token, now, write), disabled_on: write(disabledAt), revoked_on: write(revokedAt) };
}

export function sessionTokenToJson(
  user: string,
  { token, expiresAt, lifetimeMs }: SessionToken,
  isAppPasswordKept = false,
): SessionTokenJson {
  const until = timestamp(expiresAt);
  return {
    token,
    type: 'ACCESS',
    duration: lifetimeMs / 1000,
    exp: expiresAt / 1000,
    exp_date: until,
    valid_until: until,
    user,
    app_password_kept: isAppPasswordKept,
  };
}
