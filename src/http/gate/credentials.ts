import { readBasic } from './basic.js';

/** What an Authorization header brings. */
export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  /** None, or a scheme that is unknown here. */
  | { readonly kind: 'none' }
  /** More than one, of which each reader would choose another. */
  | { readonly kind: 'several' };

const NONE: Credentials = { kind: 'none' };

/** Node joins several lines of a header by a comma, which no credentials of these schemes have (RFC 9110 11.2). */
export function hasSeveral(authorization: string | undefined): boolean {
  return /^(?:bearer|basic)\b[^,]*,/i.test(authorization ?? '') || /, *(?:bearer|basic) /i.test(authorization ?? '');
}

/**
 * The token of an Authorization header: Bearer, or in Basic the password of any user name or, with an empty
 * password, the user name, which proxies write into their logs.
 */
export function credentialsFrom(authorization: string | undefined): Credentials {
  const [, scheme = '', text = ''] = /^([^ ]+) +(.+)$/.exec(authorization ?? '') ?? [];
  if (text.includes(',') && hasSeveral(authorization)) return { kind: 'several' };
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { kind: 'token', token: text };
    case 'basic': {
      const { user = '', password = '' } = readBasic(authorization) ?? {};
      const token = password === '' ? user : password;
      return token === '' ? NONE : { kind: 'token', token };
    }
    default:
      return NONE;
  }
}
