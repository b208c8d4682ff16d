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
  /** Its whole life in seconds; null: it never expires. */
  readonly duration: number | null;
}

interface TokenConditionJson {
  readonly created_on: string;
  /** When it was made, disabled or revoked. */
  readonly updated_on: string;
  readonly last_access: string | null;
  readonly valid: boolean;
}

/** A token as its user sees it in the API: with keys that clients of the VSS API look for. */
export interface ClientTokenJson extends TokenJson {
  readonly type: 'ACCESS';
  /** Whether the request came with it. */
  readonly is_current: boolean;
  readonly active: boolean;
  readonly expiration: string | null;
  /** Some of it again: the oldest clients look for it there. */
  readonly status: TokenConditionJson & { readonly active: boolean };
  readonly _links: { readonly self: string };
}

/** A token as the commands have it, which see those of all users. */
export interface AdminTokenJson extends TokenJson {
  readonly user: string;
  readonly disabled_on: string | null;
  readonly revoked_on: string | null;
}

/** What a log-in answers: the token itself, good until it expires. */
export interface SessionTokenJson {
  readonly token: string;
  readonly type: 'ACCESS';
  /** In seconds. */
  readonly duration: number;
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly exp_date: string;
  readonly valid_until: string;
  readonly user: string;
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

/** `url` is where it is shown alone; `currentId` is the id of the token that the request came with, if it has one. */
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

export function adminTokenToJson(token: TokenRecord, now: number, write: TimestampWriter = timestamp): AdminTokenJson {
  const { user, disabledAt, revokedAt } = token;
  return { user, ...tokenToJson(token, now, write), disabled_on: write(disabledAt), revoked_on: write(revokedAt) };
}

export function sessionTokenToJson(user: string, { token, expiresAt, lifetimeMs }: SessionToken): SessionTokenJson {
  const until = timestamp(expiresAt);
  return {
    token,
    type: 'ACCESS',
    duration: lifetimeMs / 1000,
    exp: expiresAt / 1000,
    exp_date: until,
    valid_until: until,
    user,
  };
}
