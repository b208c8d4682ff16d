import { readFileSync } from 'node:fs';
import { DURATION_FORM, parseDuration } from '../../config/fields/duration.js';
import type { Config } from '../../config/schema.js';
import { OvadexError } from '../../domain/model/errors.js';
import { isTokenName, TOKEN_NAME_FORM, TOKEN_SCOPES, type TokenScope } from '../../domain/model/token.js';
import { nearestOf } from '../../domain/text/nearest.js';
import { quote } from '../../domain/text/quote.js';

/** A year: forgotten tokens expire by themselves, and scripts are looked at once a year. */
const USUAL_LIFETIME_MS = 365 * 86_400_000;
/** Ten times the largest known site; each token takes 200 bytes of the index. */
const MAX_USERS = 50_000;
/** Number of refused users to name in a message. */
const SHOWN = 10;

export function parseScope(text: string): TokenScope {
  const scope = TOKEN_SCOPES.find((known) => known === text);
  if (scope !== undefined) return scope;
  throw new OvadexError('usage', `--scope: ${quote(text)} is not a scope; use one of ${TOKEN_SCOPES.join(', ')}`);
}

/** Returns the lifetime of a token in ms; null if it never expires. */
export function parseLifetime(text: string | undefined): number | null {
  if (text === undefined) return USUAL_LIFETIME_MS;
  if (text === 'never') return null;
  const lifetimeMs = parseDuration(text);
  if (lifetimeMs !== null && lifetimeMs > 0) return lifetimeMs;
  throw new OvadexError('usage', `--expires: ${quote(text)} must be ${DURATION_FORM}, or never`);
}

export function parseName(text: string | undefined): string | null {
  if (text === undefined || text.trim() === '') return null;
  if (isTokenName(text)) return text.trim();
  throw new OvadexError('usage', `--name: ${quote(text)} ${TOKEN_NAME_FORM}`);
}

/** Reads user names from a file, one per line; empty lines and lines that begin with # are ignored. */
export function readUsers(file: string): readonly string[] {
  const lines = textOf(file)
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
  const lineOf = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    const user = line.trim();
    if (user === '' || user.startsWith('#')) continue;
    const first = lineOf.get(user);
    if (first !== undefined) {
      throw new OvadexError(
        'usage',
        `${file}:${index + 1}: ${quote(user)} is named twice, first in line ${first}; name each user once`,
      );
    }
    lineOf.set(user, index + 1);
  }
  if (lineOf.size === 0) throw new OvadexError('usage', `${file}: names no users; write one user name per line`);
  if (lineOf.size > MAX_USERS) {
    throw new OvadexError('usage', `${file}: names ${lineOf.size} users; at most ${MAX_USERS} are allowed at once`);
  }
  return [...lineOf.keys()];
}

/** Users without a space, and similar names that may have been meant. */
export interface Strangers {
  readonly users: readonly string[];
  /** Some of them, with suggestions, in one line. */
  readonly told: string;
}

/**
 * Finds users without a space in the configuration and the index (`known`); null if all have one. A token for such a
 * user opens nothing now, and later the space of anybody who is given that name.
 */
export function strangersAmong(users: readonly string[], known: ReadonlySet<string>): Strangers | null {
  const strangers = users.filter((user) => !known.has(user));
  if (strangers.length === 0) return null;
  const told = strangers.slice(0, SHOWN).map((user) => {
    const nearest = nearestOf(user, [...known]);
    return nearest === null ? quote(user) : `${quote(user)} (did you mean ${quote(nearest)}?)`;
  });
  const more = strangers.length > SHOWN ? ` and ${strangers.length - SHOWN} more` : '';
  return { users: strangers, told: `${told.join(', ')}${more}` };
}

/** Whether a user without a space may get one without a change to the configuration. */
export function mayAppear(config: Config): boolean {
  return config.discoveries.length + config.userFolders.length + config.link.origins.length > 0;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const reason =
      error.code === 'EISDIR' ? 'it is a folder' : error.code === 'ENOENT' ? 'there is no such file' : error.message;
    throw new OvadexError('not-found', `--from: ${file} can't be read: ${reason}`);
  }
}
