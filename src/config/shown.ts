import type { ConnectionSettings, Credentials } from '../domain/model/space.js';
import { formatDuration } from './fields/duration.js';
import type { Config } from './schema.js';
import { isSecretHeader } from './sections/headers.js';

/** What stands in the place of a secret. */
const STARS = '***';
/** Whatever is called so, wherever it is. */
const SECRET_KEY = /pass(?:word|phrase)|secret|^token$|^key$/i;

/** A mapping as it would stand in the file. */
export type ShownEntry = Readonly<Record<string, unknown>>;

/**
 * The configuration as it is in effect, in the words of its file: every default filled in, paths absolute, each space with all
 * that it inherits, and stars for secrets.
 */
export function shownConfig(config: Config): ShownEntry {
  const { server, spaces, discoveries, publicUsers, crawl, maintenance, auth, ...others } = config;
  const isPublic = new Set(publicUsers);
  return {
    server: { ...inFileWords(server), ...socketRightsOf(server) },
    ...inFileWords(others),
    auth: { issuers: auth.issuers.map(shownIssuer) },
    spaces: [
      ...spaces.map((space) => shownSpace(space, isPublic.has(space.user))),
      ...discoveries.map(({ url, ...rest }) => ({ discover: withoutSecrets(url), ...reachOf(rest) })),
    ],
    crawl: { ...inFileWords(crawl), poll: crawl.poll ?? 'off' },
    maintenance: { ...inFileWords(maintenance), schedule: maintenance.schedule ?? 'off' },
  };
}

/** One space of it; null where the file has none of that user. */
export function shownSpaceOf({ spaces, publicUsers }: Config, user: string): ShownEntry | null {
  const space = spaces.find((each) => each.user === user);
  return space === undefined ? null : shownSpace(space, publicUsers.includes(user));
}

function shownSpace({ user, url, watchDirectory, ...rest }: Config['spaces'][number], isPublic: boolean): ShownEntry {
  const watch = watchDirectory === null ? {} : { watch: watchDirectory };
  return { user, url: withoutSecrets(url), ...reachOf(rest), ...watch, public: isPublic };
}

interface Reach {
  readonly auth: Credentials;
  readonly connection?: ConnectionSettings;
}

function reachOf({ auth, connection }: Reach): ShownEntry {
  const shownAuth = 'tokenVersion' in auth ? { type: auth.type, tokenFile: auth.tokenFile } : inFileWords(auth);
  if (connection === undefined) return { auth: shownAuth };
  const { headers, tls, proxy } = connection;
  const names = Object.entries(headers);
  return {
    auth: shownAuth,
    ...(names.length === 0
      ? {}
      : {
          headers: Object.fromEntries(
            names.map(([name, value]) => [name, isSecretHeader(name) ? STARS : withoutSecrets(value)]),
          ),
        }),
    ...(tls === null
      ? {}
      : { tls: { ca: countOf(tls.ca), certificate: countOf(tls.identity?.certificate), key: tls.identity && STARS } }),
    ...(proxy === null
      ? {}
      : {
          proxy: {
            url: withoutSecrets(proxy.url),
            ...(proxy.credentials === null ? {} : inFileWords(proxy.credentials)),
          },
        }),
  };
}

/** Certificates are long, and nobody reads them here. */
function countOf(pem: string | null | undefined): string | null {
  return typeof pem === 'string' ? `${pem.split('-----BEGIN CERTIFICATE').length - 1} in PEM` : null;
}

function shownIssuer({ admin, ...rest }: Config['auth']['issuers'][number]): ShownEntry {
  return { ...inFileWords(rest), adminClaim: admin?.claim ?? null, adminValue: admin?.value ?? null };
}

/** A URL may carry a password before its host, and a key in its query. */
function withoutSecrets(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  return text.replace(/^([^:]+:\/\/)[^/?#]*@/, `$1${STARS}@`).replace(/\?.*$/s, `?${STARS}`);
}

/** `totalMs: 600000` is `total: 10m` there, an address a text, and a secret stars. */
function inFileWords(value: object): ShownEntry {
  return Object.fromEntries(
    Object.entries(value).map(([name, given]: [string, unknown]) => {
      const key = name.replace(/Ms$/, '');
      if (SECRET_KEY.test(name) && typeof given === 'string') return [key, STARS];
      if (name.endsWith('Ms') && typeof given === 'number') return [key, formatDuration(given)];
      return [key, shownValue(given)];
    }),
  );
}

function shownValue(value: unknown): unknown {
  if (typeof value === 'string') return withoutSecrets(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(shownValue);
  if ('kind' in value) return addressOf(value as Config['server']['listen']);
  return inFileWords(value);
}

/** They are said once for all sockets. */
function socketRightsOf({ listen, metricsListen }: Config['server']): ShownEntry {
  const socket = [listen, metricsListen].find((each) => each?.kind === 'unix');
  if (socket?.kind !== 'unix') return {};
  const { mode, group } = socket;
  return {
    ...(mode === undefined ? {} : { socketMode: `0${mode.toString(8)}` }),
    ...(group === undefined ? {} : { socketGroup: group }),
  };
}

function addressOf(address: Config['server']['listen']): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}
