import * as z from 'zod';
import { OvadexError } from '../../domain/model/errors.js';
import type { TlsSettings } from '../../domain/model/space.js';
import { troubleOfFolder } from '../fields/data-directory.js';
import { eitherForm, section, text, wholeNumber } from '../fields/fields.js';
import { type SchemaSurroundings, secretFile } from '../fields/files.js';
import { tlsSchema } from './connection.js';

/** Where the index lives and how it is backed up. */
export interface DataSettings {
  /** Where everything is kept that is this host's own; the index, too, if there is no `database`. */
  readonly directory: string;
  /** Number of copies from before migrations to keep. */
  readonly keepBackups: number;
  /** Whether another program replicates the write-ahead log and decides when it is checkpointed. */
  readonly replicated: boolean;
  /** The PostgreSQL database that keeps the index; absent if a file does. */
  readonly database?: DatabaseSettings;
}

/** A PostgreSQL database, and how it is reached. */
export interface DatabaseSettings {
  /** A name or address, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly name: string;
  /** Null: the server asks for none. */
  readonly password: { readonly file: string; readonly secret: string } | null;
  /** Null: the connection is not encrypted. */
  readonly tls: TlsSettings | null;
  /** Connections at most that answers may use, and as many again for the crawl. */
  readonly pool: number;
}

const URL_FORM = 'must be a PostgreSQL URL, such as "postgres://ovadex@db.example.org/ovadex"';
const USUAL_PORT = 5432;
const ONLY_WITHOUT_URL: Readonly<Record<string, string>> = {
  keepBackups: 'must be omitted beside url: no copies are made of a database; pg_dump makes them',
  replicated: 'must be omitted beside url: PostgreSQL replicates by itself',
};
const ONLY_WITH_URL = ['passwordFile', 'tls', 'pool'] as const;
const USUAL_KEPT_BACKUPS = 3;
const USUAL_POOL = 10;

export function dataSection(surroundings: SchemaSurroundings) {
  return section({
    // No default: nobody backs up an index in a place that nobody chose.
    directory: text('the path of a folder')
      .transform(surroundings.resolvePath)
      .superRefine((directory, context) => {
        const trouble = troubleOfFolder(directory);
        if (trouble !== null) context.addIssue({ code: 'custom', message: `must be the path of a folder; ${trouble}` });
      }),
    // A copy from this version, one from the version before, and one for a mistake in between.
    keepBackups: wholeNumber(1, 100).meta({ default: USUAL_KEPT_BACKUPS }).optional(),
    // Off: without such a program nobody would checkpoint the log.
    replicated: z.boolean({ error: 'must be true or false' }).meta({ default: false }).optional(),
    // Absent: a file keeps the index, and nothing has to be installed.
    url: databaseUrl().optional(),
    passwordFile: secretFile(surroundings).optional(),
    tls: databaseTls(surroundings).optional(),
    // As many as one host can use; a server takes a hundred from all hosts together unless it is told otherwise.
    pool: wholeNumber(2, 200).meta({ default: USUAL_POOL }).optional(),
  }).superRefine((given, context) => {
    const complain = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    if (given.url === undefined) {
      for (const key of ONLY_WITH_URL) {
        if (given[key] !== undefined) complain(key, 'must be omitted without url: it is about a database at a url');
      }
      return;
    }
    for (const [key, message] of Object.entries(ONLY_WITHOUT_URL)) {
      if (given[key as keyof typeof given] !== undefined) complain(key, message);
    }
  });
}

export function dataOf(given: z.output<ReturnType<typeof dataSection>>): DataSettings {
  const { directory, keepBackups = USUAL_KEPT_BACKUPS, replicated = false, url, passwordFile, tls, pool } = given;
  const data = { directory, keepBackups, replicated };
  if (url === undefined) return data;
  const usual = usualTls(url.host);
  return {
    ...data,
    database: {
      ...url,
      password: passwordFile === undefined ? null : { file: passwordFile.path, secret: passwordFile.secret },
      tls: tls === undefined ? usual : tls === 'off' ? null : tls,
      pool: pool ?? USUAL_POOL,
    },
  };
}

/**
 * Returns how the database of a URL is reached that isn't in the file: as one whose URL alone is there. Throws OvadexError
 * `usage` if it is none, without quoting it: it may hold a password.
 */
export function databaseAt(url: string, password: DatabaseSettings['password']): DatabaseSettings {
  const given = databaseOf(url);
  if (typeof given === 'string') throw new OvadexError('usage', `the URL of the database ${given}`);
  return { ...given, password, tls: usualTls(given.host), pool: USUAL_POOL };
}

/** What crosses a network is encrypted, unless somebody has decided otherwise. */
function usualTls(host: string): TlsSettings | null {
  return isThisMachine(host) ? null : { ca: null, identity: null };
}

/** Writes the URL of a database, as the file has it. */
export function urlOfDatabase({
  host,
  port,
  user,
  name,
}: Pick<DatabaseSettings, 'host' | 'port' | 'user' | 'name'>): string {
  const place = host.includes(':') ? `[${host}]` : encodeURIComponent(host);
  const where = port === USUAL_PORT ? place : `${place}:${port}`;
  return `postgres://${encodeURIComponent(user)}@${where}/${encodeURIComponent(name)}`;
}

type DatabaseUrl = Pick<DatabaseSettings, 'host' | 'port' | 'user' | 'name'>;

function databaseUrl() {
  return z
    .string({ error: URL_FORM })
    .meta({ pattern: '^[Pp][Oo][Ss][Tt][Gg][Rr][Ee][Ss]([Qq][Ll])?://[^/]' })
    .transform((given, context): DatabaseUrl => {
      const parsed = databaseOf(given);
      if (typeof parsed !== 'string') return parsed;
      context.addIssue({ code: 'custom', message: parsed });
      return z.NEVER;
    });
}

/** Returns what a URL says, or what is wrong with it: never the URL, which may hold a password. */
function databaseOf(given: string): DatabaseUrl | string {
  if (!/^postgres(?:ql)?:\/\/[^/]/i.test(given) || /[\s\p{Cc}\\]/u.test(given) || !URL.canParse(given)) return URL_FORM;
  const url = new URL(given);
  if (url.password !== '') return 'must contain no password; it belongs in passwordFile';
  if (/[?#]/.test(given)) return 'must end with the name of the database, without ? and #';
  try {
    const user = decodeURIComponent(url.username);
    const name = decodeURIComponent(url.pathname.slice(1));
    const host = decodeURIComponent(url.hostname.replace(/^\[(.*)\]$/, '$1'));
    if (user === '') return `${URL_FORM}: it has no user`;
    if (name === '' || url.pathname.slice(1).includes('/'))
      return `${URL_FORM}: it must end with the name of a database`;
    if (host === '') return `${URL_FORM}: it has no host`;
    return { host, port: url.port === '' ? USUAL_PORT : Number(url.port), user, name };
  } catch (error) {
    if (error instanceof URIError) return URL_FORM; // a bare %
    throw error;
  }
}

/** Certificates as for a storage, or the word `off`. */
function databaseTls(surroundings: SchemaSurroundings) {
  const off = z.literal('off');
  const certificates = tlsSchema(surroundings);
  return eitherForm<TlsSettings | 'off'>((given) => (given === 'off' ? off : certificates), [off, certificates]);
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/');
}
