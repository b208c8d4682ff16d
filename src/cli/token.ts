import { DURATION_FORM, parseDuration } from '../config/duration.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { OvadexError } from '../domain/errors.js';
import type { Clock } from '../domain/ports.js';
import { hasExpired, TOKEN_SCOPES, type TokenRecord, type TokenScope } from '../domain/token.js';
import type { Index } from '../open-index.js';
import type { CommandAudit } from './command-audit.js';
import { EXIT } from './exit-code.js';
import { type Io, printable, writeJson, writeLines } from './io.js';
import { type Column, formatTime, renderTable } from './table.js';

export interface TokenCreateOptions {
  readonly config: string;
  readonly user: string;
  readonly scope?: readonly string[];
  readonly expires?: string;
  readonly json?: boolean;
}

export interface TokenListOptions {
  readonly config: string;
  readonly json?: boolean;
}

export interface TokenRevokeOptions {
  readonly config: string;
}

type TokenIndex = Pick<Index, 'catalogue' | 'tokens' | 'close'> & {
  readonly authority: Pick<Index['authority'], 'issue'>;
};

/** What the token commands need of the program around them. */
export interface TokenDeps {
  readonly open: (config: Config, options?: { readonly: boolean }) => TokenIndex;
  readonly clock: Clock;
  readonly audit: CommandAudit;
}

/** `ovadex token create`: the token itself is all of stdout, and is shown this once. */
export async function createToken(options: TokenCreateOptions, io: Io, deps: TokenDeps): Promise<number> {
  const { open, clock } = deps;
  const scopes = [...new Set((options.scope ?? []).map(parseScope))];
  const lifetimeMs = options.expires === undefined ? null : parseLifetime(options.expires);
  const config = await loadConfig(options.config);
  const index = open(config);
  try {
    const expiresAt = lifetimeMs === null ? null : clock() + lifetimeMs;
    const { token, record } = await index.authority.issue({ user: options.user, scopes, expiresAt });
    deps.audit(config, io, 'token create', { id: record.id, user: record.user, scopes: scopes.join(' ') });
    if (options.json === true) writeJson(io.stdout, { token, ...describe(record) });
    else writeLines(io.stdout, token);
    writeLines(
      io.stderr,
      `token ${record.id} of ${printable(record.user)}: ${lifeOf(record)}; it will not be shown again`,
    );
    const isConfigured = config.spaces.some(({ user }) => user === options.user);
    if (!isConfigured && (await index.catalogue.space(options.user)) === null) {
      writeLines(io.stderr, `warning: "${printable(options.user)}" has no space (yet), so there are no images to read`);
    }
    return EXIT.ok;
  } finally {
    index.close();
  }
}

/** `ovadex token list`: every token but not its secret. */
export async function listTokens(options: TokenListOptions, io: Io, { open, clock }: TokenDeps): Promise<number> {
  const index = open(await loadConfig(options.config), { readonly: true });
  try {
    const records = await index.tokens.list();
    const stateOf = (record: TokenRecord) => stateAt(record, clock());
    if (options.json === true) {
      writeJson(io.stdout, { tokens: records.map((record) => ({ ...describe(record), state: stateOf(record) })) });
    } else if (records.length > 0) {
      writeLines(io.stdout, renderTable([...COLUMNS, { head: 'STATE', value: stateOf }], records));
    } else {
      writeLines(io.stderr, 'no tokens');
    }
    return EXIT.ok;
  } finally {
    index.close();
  }
}

/** `ovadex token revoke ID`: takes effect at the next request that comes with it. */
export async function revokeToken(
  id: string,
  options: TokenRevokeOptions,
  io: Io,
  { open, clock, audit }: TokenDeps,
): Promise<number> {
  if (!/^[1-9]\d{0,14}$/.test(id)) {
    throw new OvadexError(
      'usage',
      `token revoke: "${id}" is not a token id (ids are numbers); see "ovadex token list"`,
    );
  }
  const config = await loadConfig(options.config);
  const index = open(config);
  try {
    if (!(await index.tokens.revoke(Number(id), clock()))) {
      throw new OvadexError('not-found', `there is no token ${id}; see "ovadex token list"`);
    }
    audit(config, io, 'token revoke', { id: Number(id) });
    writeLines(io.stderr, `token ${id} is revoked`);
    return EXIT.ok;
  } finally {
    index.close();
  }
}

const COLUMNS: readonly Column<TokenRecord>[] = [
  { head: 'ID', align: 'right', value: ({ id }) => id },
  { head: 'USER', value: ({ user }) => user },
  { head: 'SCOPES', value: ({ scopes }) => scopes.join(' ') || '-' },
  { head: 'CREATED', value: ({ createdAt }) => formatTime(createdAt) ?? '-' },
  { head: 'EXPIRES', value: ({ expiresAt }) => formatTime(expiresAt) ?? 'never' },
];

function parseScope(text: string): TokenScope {
  const scope = TOKEN_SCOPES.find((known) => known === text);
  if (scope !== undefined) return scope;
  throw new OvadexError('usage', `--scope: "${text}" is not a scope; use one of ${TOKEN_SCOPES.join(', ')}`);
}

function parseLifetime(text: string): number {
  const lifetimeMs = parseDuration(text);
  if (lifetimeMs !== null && lifetimeMs > 0) return lifetimeMs;
  throw new OvadexError('usage', `--expires: "${text}" must be ${DURATION_FORM}`);
}

function stateAt(token: TokenRecord, now: number): 'valid' | 'expired' | 'revoked' {
  if (token.revokedAt !== null) return 'revoked';
  return hasExpired(token, now) ? 'expired' : 'valid';
}

function lifeOf({ expiresAt }: TokenRecord): string {
  return expiresAt === null ? 'it never expires' : `it expires ${formatTime(expiresAt)}`;
}

/** A token in the words of the HTTP API; its hash stays where it is. */
function describe(record: TokenRecord): object {
  return {
    id: record.id,
    user: record.user,
    scopes: record.scopes,
    created_on: formatTime(record.createdAt),
    expires_on: formatTime(record.expiresAt),
    revoked_on: formatTime(record.revokedAt),
  };
}
