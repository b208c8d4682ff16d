import type { Credentials, ProxySettings } from '../../domain/model/space.js';

/** What a space's settings say that no text may show, whoever repeats it. A token that stands in a file isn't known here. */
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

/** What a request says of itself by which it could be repeated: credentials, and the cookies of a session. */
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

/** Without a password the name is the secret; else it may be shown. */
function accountSecrets({ username, password }: { username: string; password: string }): readonly string[] {
  const secret = password === '' ? username : password;
  return [secret, ...inBase64(secret), ...inBase64(`${username}:${password}`)];
}

/** Of a header with a scheme, `Token abc`, the part behind it, too. */
function valueSecrets(value: string): readonly string[] {
  const behind = /^\S+ +(\S{4,})$/.exec(value)?.[1];
  return [value, ...(behind === undefined ? [] : [behind]), ...inBase64(value)];
}

/** Both alphabets (RFC 4648 4 and 5), without the padding, which may be missing. */
function inBase64(text: string): readonly string[] {
  const url = Buffer.from(text, 'utf8').toString('base64url');
  return [url.replaceAll('-', '+').replaceAll('_', '/'), url];
}
