import type { Index } from '../../app/open-index.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import type { AuditEntry } from '../../domain/model/audit.js';
import { OvadexError } from '../../domain/model/errors.js';
import { type TokenRecord, tokenStateAt } from '../../domain/model/token.js';
import { csvLine } from '../../domain/text/csv.js';
import { printable } from '../../domain/text/printable.js';
import { oldTokenKeys } from '../../wire/old-keys.js';
import { timestampInSeconds } from '../../wire/timestamp.js';
import { adminTokenToJson } from '../../wire/token.js';
import { type CommandAudit, refusalOf } from '../options/command-audit.js';
import { mayAppear, parseLifetime, parseName, parseScope, readUsers, strangersAmong } from '../options/token-grants.js';
import { EXIT } from '../terminal/exit-code.js';
import { type Io, writeJson, writeLines } from '../terminal/io.js';
import { type Column, formatTime, renderTable } from '../terminal/table.js';

export interface TokenCreateOptions {
  readonly config: string;
  /** The token's user; either this or `from` is given. */
  readonly user?: string;
  /** A file with one user name per line. */
  readonly from?: string;
  readonly name?: string;
  readonly scope?: readonly string[];
  readonly expires?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
}

export interface TokenListOptions {
  readonly config: string;
  readonly user?: string;
  readonly logIns?: boolean;
  readonly json?: boolean;
}

export interface TokenRevokeOptions {
  readonly config: string;
}

type TokenIndex = Pick<Index, 'clock' | 'catalogue' | 'tokens' | 'close'> & {
  readonly authority: Pick<Index['authority'], 'issueAll'>;
};

/** Dependencies of the token commands. */
export interface TokenDeps {
  readonly open: (config: Config, options?: { readonly: boolean }) => Promise<TokenIndex>;
  readonly audit: CommandAudit;
}

/** `ovadex token create`: creates tokens; stdout consists of them alone, and they are shown only once. */
export async function createToken(options: TokenCreateOptions, io: Io, deps: TokenDeps): Promise<number> {
  const { user, from } = options;
  if ((user === undefined) === (from === undefined)) {
    throw new OvadexError('usage', 'token create: give either --user U or --from FILE');
  }
  if (user?.trim() === '') throw new OvadexError('usage', '--user: names no user');
  if (options.csv === true && options.json === true) {
    throw new OvadexError('usage', 'token create: give either --csv or --json');
  }
  const scopes = [...new Set((options.scope ?? []).map(parseScope))];
  const lifetimeMs = parseLifetime(options.expires);
  const name = parseName(options.name);
  const users = user === undefined ? readUsers(from ?? '') : [user];
  const config = await loadConfig(options.config);
  const index = await deps.open(config);
  try {
    const spaces = [...config.spaces, ...(await index.catalogue.listSpaces()).spaces];
    const strangers = strangersAmong(users, new Set(spaces.map((space) => space.user)));
    // Administrators and monitoring tools need no space of their own.
    const isRefused = strangers !== null && scopes.length === 0 && !mayAppear(config) && options.force !== true;
    if (isRefused) {
      throw new OvadexError(
        'not-found',
        `token create: no space of ${strangers.told} is configured; check the name, or use --force to create the token anyway`,
      );
    }
    const expiresAt = lifetimeMs === null ? null : index.clock() + lifetimeMs;
    const grants = users.map((each) => ({ user: each, scopes, expiresAt, name }));
    const issued = await index.authority.issueAll(grants);
    await deps.audit(config, io, 'token create', actOf(issued, options));
    const created = issued.map(({ token, record }) => ({ token, ...jsonOf(record, index.clock()) }));
    if (options.json === true) writeJson(io.stdout, user === undefined ? { tokens: created } : created[0]);
    else if (options.csv === true) io.stdout.write([CSV_HEAD, ...issued.map(csvRow)].map(csvLine).join(''));
    else if (user === undefined) writeLines(io.stdout, renderTable(CREATED_COLUMNS, issued));
    else writeLines(io.stdout, ...issued.map(({ token }) => token));
    const [first] = issued;
    if (first !== undefined) {
      const subject =
        user === undefined ? `${issued.length} tokens` : `token ${first.record.id} of ${printable(first.record.user)}`;
      writeLines(io.stderr, `${subject}: ${lifeOf(first.record, issued.length)} not shown again`);
    }
    if (strangers !== null) {
      writeLines(io.stderr, `warning: ${printable(strangers.told)}: no space yet, so there are no images to read`);
    }
    return EXIT.ok;
  } finally {
    await index.close();
  }
}

/** `ovadex token list`: lists every token without its secret. */
export async function listTokens(options: TokenListOptions, io: Io, { open }: TokenDeps): Promise<number> {
  const index = await open(await loadConfig(options.config), { readonly: true });
  try {
    const { user, logIns = false } = options;
    const all = await index.tokens.list({ logIns });
    const records = user === undefined ? all : all.filter((record) => record.user === user);
    const stateOf = (record: TokenRecord) => tokenStateAt(record, index.clock());
    if (options.json === true) {
      writeJson(io.stdout, { tokens: records.map((record) => jsonOf(record, index.clock())) });
    } else if (records.length > 0) {
      writeLines(io.stdout, renderTable([...COLUMNS, { head: 'STATE', value: stateOf }], records));
    } else {
      writeLines(io.stderr, 'no tokens');
    }
    return EXIT.ok;
  } finally {
    await index.close();
  }
}

/** `ovadex token revoke ID`: revokes a token, starting with the next request that uses it. */
export async function revokeToken(
  id: string,
  options: TokenRevokeOptions,
  io: Io,
  { open, audit }: TokenDeps,
): Promise<number> {
  if (!/^[1-9]\d{0,14}$/.test(id)) {
    throw new OvadexError(
      'usage',
      `token revoke: "${id}" is not a token id (ids are numbers, see "ovadex token list")`,
    );
  }
  const config = await loadConfig(options.config);
  const index = await open(config);
  try {
    if (!(await index.tokens.revoke(Number(id), index.clock()))) {
      throw new OvadexError('not-found', `there is no token ${id}; see "ovadex token list"`);
    }
    await audit(config, io, 'token revoke', { id: Number(id) });
    writeLines(io.stderr, `token ${id} is revoked`);
    return EXIT.ok;
  } catch (error) {
    await audit(config, io, 'token revoke', { id: Number(id) }, refusalOf(error));
    throw error;
  } finally {
    await index.close();
  }
}

interface Created {
  readonly token: string;
  readonly record: TokenRecord;
}

const CSV_HEAD = ['user', 'token', 'id', 'name', 'scopes', 'expires_on'];
const csvRow = ({ token, record }: Created) => {
  return [record.user, token, record.id, record.name, record.scopes.join(' '), formatTime(record.expiresAt)];
};

const CREATED_COLUMNS: readonly Column<Created>[] = [
  { head: 'USER', value: ({ record }) => record.user },
  { head: 'TOKEN', value: ({ token }) => token },
  { head: 'ID', align: 'right', value: ({ record }) => record.id },
  { head: 'EXPIRES', value: ({ record }) => formatTime(record.expiresAt) ?? 'never' },
];

const COLUMNS: readonly Column<TokenRecord>[] = [
  { head: 'ID', align: 'right', value: ({ id }) => id },
  { head: 'USER', value: ({ user }) => user },
  { head: 'NAME', value: ({ name, logInSpace }) => name ?? (logInSpace === null ? '-' : '(log-in)') },
  { head: 'SCOPES', value: ({ scopes }) => scopes.join(' ') || '-' },
  { head: 'CREATED', value: ({ createdAt }) => formatTime(createdAt) ?? '-' },
  { head: 'LAST USE', value: ({ usedAt }) => formatTime(usedAt) ?? '-' },
  { head: 'EXPIRES', value: ({ expiresAt }) => formatTime(expiresAt) ?? 'never' },
];

/** One audit entry for all tokens, since each entry is synced to disk before the command ends. */
function actOf(issued: readonly Created[], { from }: TokenCreateOptions): AuditEntry['details'] {
  const { id = 0, user = '', scopes = [], name = null } = issued[0]?.record ?? {};
  const whose = from === undefined ? { id, user } : { file: from, first_id: id, tokens: issued.length };
  return { ...whose, scopes: scopes.join(' '), ...(name === null ? {} : { name }) };
}

function lifeOf({ expiresAt }: TokenRecord, count: number): string {
  const [it, is] = count === 1 ? ['it', 'is'] : ['they', 'are'];
  const life =
    expiresAt === null
      ? `never expire${count === 1 ? 's' : ''}`
      : `expire${count === 1 ? 's' : ''} ${formatTime(expiresAt)}`;
  return `${it} ${life}; ${it} ${is}`;
}

/** Its hash stays where it is. */
function jsonOf(record: TokenRecord, now: number): object {
  const json = adminTokenToJson(record, now, timestampInSeconds);
  return { ...json, ...oldTokenKeys(json) };
}
