import type { ConnectionSettings, Credentials, TlsSettings } from '../domain/model/space.js';
import { USER_PLACEHOLDER, type UserAuth } from '../domain/model/user-auth.js';
import { formatDuration } from './fields/duration.js';
import type { Config } from './schema.js';
import { urlOfDatabase } from './sections/data.js';
import { isSecretHeader } from './sections/headers.js';

/** Shown in place of a secret. */
const STARS = '***';
/** Keys with such a name are secret, wherever they are. */
const SECRET_KEY = /pass(?:word|phrase)|secret|^token$|^key$/i;

/** A mapping in the form of the file. */
export type ShownEntry = Readonly<Record<string, unknown>>;

/**
 * Renders the effective configuration with the keys of its file: defaults filled in, paths absolute, each space with
 * all that it inherits, and secrets starred.
 */
export function shownConfig(config: Config): ShownEntry {
  const { server, spaces, discoveries, userFolders, publicUsers, crawl, maintenance, auth, link, ...rest } = config;
  const { webhooks, data, ...others } = rest;
  const isPublic = new Set(publicUsers);
  return {
    server: { ...inFileWords(server), ...socketRightsOf(server) },
    data: shownData(data),
    ...inFileWords(others),
    auth: { ...inFileWords(auth), issuers: auth.issuers.map(shownIssuer) },
    link: {
      origins: link.origins.map(shownOrigin),
      ...(link.keyFile === null ? {} : { keyFile: link.keyFile }),
    },
    spaces: [
      ...spaces.map((space) => shownSpace(space, isPublic.has(space.user))),
      ...userFolders.map(shownFolder),
      ...discoveries.map(shownDiscovery),
    ],
    crawl: { ...inFileWords(crawl), poll: crawl.poll ?? 'off', budget: crawl.budget ?? 'off' },
    webhooks: webhooks.map(shownWebhook),
    maintenance: { ...inFileWords(maintenance), schedule: maintenance.schedule ?? 'off' },
  };
}

/** Renders one space of the configuration; null if it has none of that user. */
export function shownSpaceOf({ spaces, publicUsers }: Config, user: string): ShownEntry | null {
  const space = spaces.find((each) => each.user === user);
  return space === undefined ? null : shownSpace(space, publicUsers.includes(user));
}

function shownData({ directory, keepBackups, replicated, database }: Config['data']): ShownEntry {
  if (database === undefined) return { directory, keepBackups, replicated };
  const { password, tls, pool } = database;
  return {
    directory,
    url: urlOfDatabase(database),
    ...(password === null ? {} : { passwordFile: password.file }),
    tls: tls === null ? 'off' : shownTls(tls),
    pool,
  };
}

function shownSpace(
  { user, url, watchDirectory, describe, ...rest }: Config['spaces'][number],
  isPublic: boolean,
): ShownEntry {
  const watch = watchDirectory === null ? {} : { watch: watchDirectory };
  return { user, url: withoutSecrets(url), ...reachOf(rest), ...watch, ...shownDescribe(describe), public: isPublic };
}

function shownFolder({ folder, url, auth, connection, describe }: Config['userFolders'][number]): ShownEntry {
  const { type } = auth;
  const shownAuth = 'username' in auth ? { type, username: auth.username } : { type };
  return {
    credentials: folder,
    url: withoutSecrets(url),
    ...reachOf({ auth: { type: 'none' }, connection }),
    auth: shownAuth,
    ...shownDescribe(describe),
  };
}

function shownDiscovery(discovery: Config['discoveries'][number]): ShownEntry {
  const { url, auth, connection, describe, kind, groups, spaceUrl, below, exclude, spaceAuth } = discovery;
  const place = withoutSecrets(url);
  const isPlain = [kind, below, exclude, spaceAuth].every((each) => each === undefined);
  const reach = { ...reachOf({ auth, connection }), ...shownDescribe(describe) };
  if (isPlain) return { discover: place, ...reach };
  const { auth: shownAuth, ...others } = reach;
  return {
    discover: {
      [kind === 'ocs' ? 'ocs' : 'url']: place,
      ...(below === undefined ? {} : { space: `${USER_PLACEHOLDER}/${below}` }),
      ...(groups === undefined ? {} : { groups }),
      ...(exclude === undefined ? {} : { exclude }),
      ...(spaceAuth === undefined ? {} : { auth: shownAuth }),
    },
    ...(spaceUrl === undefined ? {} : { url: withoutSecrets(spaceUrl) }),
    auth: spaceAuth === undefined ? shownAuth : shownAuthOf('perUser' in spaceAuth ? spaceAuth.perUser : spaceAuth),
    ...others,
  };
}

function shownDescribe(describe: false | undefined): ShownEntry {
  return describe === undefined ? {} : { describe };
}

interface Reach {
  readonly auth: Credentials;
  readonly connection?: ConnectionSettings | undefined;
}

function shownAuthOf(auth: Credentials | UserAuth): ShownEntry {
  if ('tokenFile' in auth) return { type: auth.type, tokenFile: auth.tokenFile };
  if (!('passwordFile' in auth)) return inFileWords(auth);
  const { type, username, passwordFile } = auth;
  return { type, username, passwordFile };
}

function reachOf({ auth, connection }: Reach): ShownEntry {
  return { auth: shownAuthOf(auth), ...shownConnection(connection) };
}

function shownOrigin({ url, loginName, connection }: Config['link']['origins'][number]): ShownEntry {
  return { url, loginName, ...shownConnection(connection) };
}

/** A receiver's path may hold a key, as those of chat services do. */
function shownWebhook({ name, url, users, events, allowPrivate, connection }: Config['webhooks'][number]): ShownEntry {
  const shown = { name, url: `${new URL(url).origin}/${STARS}`, secret: STARS };
  return { ...shown, ...(users === null ? {} : { users }), events, allowPrivate, ...shownConnection(connection) };
}

function shownConnection(connection: ConnectionSettings | undefined): ShownEntry {
  if (connection === undefined) return {};
  const { headers, tls, proxy } = connection;
  const names = Object.entries(headers);
  return {
    ...(names.length === 0
      ? {}
      : {
          headers: Object.fromEntries(
            names.map(([name, value]) => [name, isSecretHeader(name) ? STARS : withoutSecrets(value)]),
          ),
        }),
    ...(tls === null ? {} : { tls: shownTls(tls) }),
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

function shownTls({ ca, identity }: TlsSettings): ShownEntry {
  return { ca: countOf(ca), certificate: countOf(identity?.certificate), key: identity && STARS };
}

/** Counts certificates in place of showing them, since they are long. */
function countOf(pem: string | null | undefined): string | null {
  return typeof pem === 'string' ? `${pem.split('-----BEGIN CERTIFICATE').length - 1} in PEM` : null;
}

function shownIssuer({ admin, signIn, ...rest }: Config['auth']['issuers'][number]): ShownEntry {
  const { clientSecret = null, ...shownSignIn } = signIn ?? {};
  const secret = clientSecret === null ? {} : { clientSecret: STARS };
  return {
    ...inFileWords(rest),
    ...(signIn === null ? {} : { signIn: { ...inFileWords(shownSignIn), ...secret } }),
    adminClaim: admin?.claim ?? null,
    adminValue: admin?.value ?? null,
  };
}

/** Stars the password before a URL's host and its query, which may contain a key. */
function withoutSecrets(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  return text.replace(/^([^:]+:\/\/)[^/?#]*@/, `$1${STARS}@`).replace(/\?.*$/s, `?${STARS}`);
}

/** Converts values to the form of the file: `totalMs: 600000` to `total: 10m`, addresses to text, and secrets to stars. */
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

/** The permissions of sockets, which the file gives once for all of them. */
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
