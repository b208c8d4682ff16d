import type { Credentials, ProxySettings } from '../../domain/model/space.js';

/** Lists the secrets in a space's settings, which no text may show. A token in a file isn't known here. */
export function secretsOf(settings: {
  readonly auth: Credentials;
  readonly headers: Readonly<Record<string, string>>;
  readonly proxy: ProxySettings | null;
}): readonly string[] {
  const { auth, headers, proxy } = settings;
  const account = proxy?.credentials ?? null;
  return [
    ...('password' in auth ? accountSecrets(auth) : []),
    ...('token' in auth ? valueSecrets(auth.token) : []),
    ...(account === null ? [] : accountSecrets(account)),
    ...Object.values(headers).flatMap(valueSecrets),
  ];
}

/** Lists the secrets of a request with which it could be repeated: credentials and session cookies. */
export function sentSecrets(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    switch (name.toLowerCase()) {
      case 'authorization':
      case 'proxy-authorization':
        return [...valueSecrets(value), ...authorizationSecrets(value)];
      case 'cookie':
        return [value, ...value.split(/;\s*/).map((cookie) => cookie.slice(cookie.indexOf('=') + 1))];
      default:
        return [];
    }
  });
}

function authorizationSecrets(authorization: string): readonly string[] {
  const [, scheme = '', rest = ''] = /^(\S+) +(.+)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'digest') return [/\bresponse="([^"]+)"/.exec(rest)?.[1] ?? ''];
  if (scheme.toLowerCase() !== 'basic') return [];
  const [username = '', ...password] = Buffer.from(rest, 'base64').toString('utf8').split(':');
  return accountSecrets({ username, password: password.join(':') });
}

/** Without a password the user name is the secret; otherwise it may be shown. */
function accountSecrets({ username, password }: { username: string; password: string }): readonly string[] {
  const secret = password === '' ? username : password;
  return [secret, ...inBase64(secret), ...inBase64(`${username}:${password}`)];
}

/** A header's value and, if it has a scheme as in `Token abc`, the part after it. */
function valueSecrets(value: string): readonly string[] {
  const behind = /^\S+ +(\S{4,})$/.exec(value)?.[1];
  return [value, ...(behind === undefined ? [] : [behind]), ...inBase64(value)];
}

/** Encodes a text in both alphabets (RFC 4648 4 and 5), without the padding, which may be missing. */
function inBase64(text: string): readonly string[] {
  const url = Buffer.from(text, 'utf8').toString('base64url');
  return [url.replaceAll('-', '+').replaceAll('_', '/'), url];
}
