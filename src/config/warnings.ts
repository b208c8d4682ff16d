import type { Credentials, SpaceSettings, UserFolder } from '../domain/model/space.js';
import { urlOfUser } from '../domain/model/user-auth.js';
import type { Config, ConfigFile } from './schema.js';
import { isSecretHeader } from './sections/headers.js';
import type { ConfigSource } from './source/source.js';

/** Warns of settings that are allowed but probably unintended, one line each. */
export function warningsOf(checked: {
  config: Config;
  /** The configuration's files, the main one first. */
  sources: readonly ConfigSource[];
  /** Secret files that every user of the machine may read. */
  readableFiles: readonly string[];
  storage: ConfigFile['storage'];
  /** Credentials of users that `storage.auth` stands for. */
  inherited: ReadonlySet<Credentials>;
}): string[] {
  const { config } = checked;
  const warnings = checked.readableFiles.map(
    (file) => `${file}: every user of this machine can read this secret; run chmod 600 or 640 on it`,
  );
  for (const { file, document, isWorldReadable } of checked.sources) {
    if (!isWorldReadable || !holdsSecret(document.data)) continue;
    warnings.push(`${file}: every user of this machine can read the secrets in it; run chmod 600 or 640 on it`);
  }
  const { storage, inherited } = checked;
  const roots = [...config.spaces, ...config.discoveries, ...config.userFolders.map(rootOfFolder)];
  const unprotected = roots.filter(isSentInClear).map(({ url }) => new URL(url).origin);
  for (const origin of new Set(unprotected)) {
    warnings.push(`${origin}: passwords and tokens travel there unencrypted; use https://`);
  }
  warnings.push(...strayWarnings(roots, storage, (auth) => inherited.has(auth) || auth === storage.auth));
  const { trustedProxies, publicUrl } = config.server;
  if (trustedProxies.length > 0 && publicUrl === null) {
    warnings.push(
      'server.trustedProxies is set and server.publicUrl is not: links in answers are http: and name the host that the proxy sent, so clients may send their tokens there unencrypted; set server.publicUrl to the address that clients use',
    );
  }
  warnings.push(...unheardWarnings(config, roots));
  if (publicUrl === null && config.auth.issuers.some(({ signIn }) => signIn !== null)) {
    warnings.push(
      'auth.issuers[].signIn lets nobody in: issuers send browsers back to server.publicUrl, which is not set',
    );
  }
  if (config.auth.keepAppPasswords && config.link.origins.length === 0) {
    warnings.push('auth.keepAppPasswords keeps nothing: link.origins has no storage that gives app passwords');
  }
  if (roots.length === 0 && config.link.origins.length === 0) {
    warnings.push(`${checked.sources[0]?.file}: there are no spaces yet; nothing will be indexed`);
  }
  return warnings;
}

type Root = Pick<SpaceSettings, 'url' | 'auth' | 'connection'>;

/** Warns of storages that are to be told clients' addresses though nobody's password is ever asked about there. */
function unheardWarnings({ auth, link }: Config, roots: readonly Root[]): string[] {
  const urls = [...roots, ...link.origins].map(({ url }) => url.replaceAll('{user}', 'user'));
  const origins = new Set(urls.map((url) => new URL(url).origin));
  return auth.forwardClientAddress
    .filter((origin) => !origins.has(origin))
    .map((origin) => `auth.forwardClientAddress: no space, discovery or link is at ${origin}, so it is never told any`);
}

/** Returns what is sent to the spaces of a folder's users, with stand-ins for name and secret. */
function rootOfFolder({ url, auth: { type }, connection }: UserFolder): Root {
  const reach = connection === undefined ? {} : { connection };
  const auth: Credentials = type === 'bearer' ? { type, token: '' } : { type, username: '', password: '' };
  return { url: urlOfUser(url, 'user'), auth, ...reach };
}

/** Warns of headers and credentials of the storage section that a space on another origin inherits. */
function strayWarnings(
  roots: readonly Root[],
  storage: ConfigFile['storage'],
  isInherited: (auth: Credentials) => boolean,
): string[] {
  if (storage.url === undefined) return [];
  const home = new URL(storage.url).origin;
  const hasSecretHeaders = Object.keys(storage.headers ?? {}).some(isSecretHeader);
  return roots
    .filter(({ url }) => new URL(url).origin !== home)
    .flatMap(({ url, auth, connection }) => {
      const warn = (key: string) =>
        `${url}: storage.${key} is also sent there, although storage.url is on ${home}; give the space its own ${key}`;
      return [
        ...(storage.auth !== undefined && isInherited(auth) ? [warn('auth')] : []),
        ...(hasSecretHeaders && connection?.headers === storage.headers ? [warn('headers')] : []),
      ];
    });
}

function holdsSecret(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  return Object.entries(data).some(([key, value]: [string, unknown]) => {
    if (key === 'headers' && typeof value === 'object' && value !== null) {
      return Object.entries(value).some(([name, text]) => typeof text === 'string' && isSecretHeader(name));
    }
    if (typeof value !== 'string') return holdsSecret(value);
    return key === 'password' || key === 'token' || (key === 'proxy' && value.includes('@'));
  });
}

/** Whether a secret is sent unencrypted; digest never sends the password itself. */
function isSentInClear({ url, auth, connection }: Root): boolean {
  const hasSecret = auth.type === 'basic' || auth.type === 'bearer';
  if (!hasSecret && !Object.keys(connection?.headers ?? {}).some(isSecretHeader)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && hostname !== 'localhost' && hostname !== '[::1]' && !hostname.startsWith('127.');
}
