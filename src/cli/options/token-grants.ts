import { readFileSync } from 'node:fs';
import { DURATION_FORM, parseDuration } from '../../config/fields/duration.js';
import type { Config } from '../../config/schema.js';
import { OvadexError } from '../../domain/model/errors.js';
import { TOKEN_SCOPES, type TokenScope } from '../../domain/model/token.js';
import { nearestOf } from '../../domain/text/nearest.js';
import { quote } from '../../domain/text/quote.js';

/** Tokens that nobody thinks of any more end by themselves, and a script is looked at once a year. */
const USUAL_LIFETIME_MS = 365 * 86_400_000;
/** Ten times the largest site; each is 200 bytes of the index. */
const MAX_USERS = 50_000;
/** A label, no text. */
const MAX_NAME_LENGTH = 100;
/** So many are shown of those that are refused. */
const SHOWN = 10;

export function parseScope(text: string): TokenScope {
  const scope = TOKEN_SCOPES.find((known) => known === text);
  if (scope !== undefined) return scope;
  throw new OvadexError('usage', `--scope: ${quote(text)} is not a scope; use one of ${TOKEN_SCOPES.join(', ')}`);
}

/** How long a token is good, in ms; null: for ever. */
export function parseLifetime(text: string | undefined): number | null {
  if (text === undefined) return USUAL_LIFETIME_MS;
  if (text === 'never') return null;
  const lifetimeMs = parseDuration(text);
  if (lifetimeMs !== null && lifetimeMs > 0) return lifetimeMs;
  throw new OvadexError('usage', `--expires: ${quote(text)} must be ${DURATION_FORM}, or never`);
}

export function parseName(text: string | undefined): string | null {
  if (text === undefined || text.trim() === '') return null;
  if (text.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(text)) return text.trim();
  throw new OvadexError(
    'usage',
    `--name: ${quote(text)} must have at most ${MAX_NAME_LENGTH} characters and no control characters`,
  );
}

/** The users whom a file names, one a line; empty lines and those that begin with # are left out. */
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

/** Users without a space, and whom somebody may have meant. */
export interface Strangers {
  readonly users: readonly string[];
  /** One line for some of them. */
  readonly told: string;
}

/**
 * Who of these users has no space, by the configuration and the index (`known`). null: all have one. A token for anybody else opens
 * nothing now, and the space of whoever gets that name later.
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

/** Whether a user who has no space yet may get one without a change of the configuration. */
export function mayAppear(config: Config): boolean {
  return config.discoveries.length > 0;
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
