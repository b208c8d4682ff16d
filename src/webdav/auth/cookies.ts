import type { Clock } from '../../domain/ports.js';
import { parseDate } from '../transport/dates.js';

/**
 * What one origin wants to be sent back (RFC 6265), by one set of credentials. Nothing of it goes to another host, so no
 * list of public suffixes is needed, which is most of what a library brings; and it must be bounded, which they are not.
 */
export interface CookieJar {
  /** A Cookie header for this URL path; null: none. */
  headerFor(path: string): string | null;
  /** Takes the Set-Cookie headers of an answer to a request for this path; answers how many were of use. */
  take(setCookies: readonly string[], path: string): number;
  clear(): void;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** null: as long as the jar. */
  readonly expiresAt: number | null;
}

/** As long as browsers take them; Nextcloud's are 150 characters at most. */
const LONGEST_COOKIE = 4_096;
/** Nextcloud sets five, a load balancer one or two. The oldest goes. */
const MOST_COOKIES = 32;
/** nginx and Apache refuse header lines of more than 8 KB; the others are left out then. */
const LONGEST_HEADER = 7_168;
/** RFC 6265 4.1.1, and what servers send besides; a control or a wide character could not be sent back. */
const NAME = /^[!-:<>-~]+$/;
const VALUE = /^[ -:<-~]*$/;

/** `clock` is the wall clock, as `Expires` names its times. */
export function createCookieJar(origin: string, clock: Clock): CookieJar {
  const { hostname, protocol } = new URL(origin);
  /** By name and path; the oldest first. */
  const cookies = new Map<string, Cookie>();

  const set = (header: string, requestPath: string): boolean => {
    const cookie = parseSetCookie(header, { requestPath, hostname, isSecure: protocol === 'https:', now: clock() });
    if (cookie === null) return false;
    const key = `${cookie.name};${cookie.path}`;
    cookies.delete(key);
    if (cookie.expiresAt !== null && cookie.expiresAt <= clock()) return false;
    cookies.set(key, cookie);
    for (const oldest of cookies.keys()) {
      if (cookies.size <= MOST_COOKIES) break;
      cookies.delete(oldest);
    }
    return cookies.has(key);
  };

  return {
    headerFor(path) {
      const now = clock();
      for (const [key, { expiresAt }] of cookies) if (expiresAt !== null && expiresAt <= now) cookies.delete(key);
      // Those of longer paths first, else in their order (5.4).
      const own = [...cookies.values()].filter((cookie) => isOnPath(path, cookie.path));
      own.sort((a, b) => b.path.length - a.path.length);
      let header = '';
      for (const { name, value } of own) {
        const pair = `${header === '' ? '' : '; '}${name}=${value}`;
        if (header.length + pair.length <= LONGEST_HEADER) header += pair;
      }
      return header === '' ? null : header;
    },
    take: (setCookies, path) => setCookies.reduce((taken, header) => taken + (set(header, path) ? 1 : 0), 0),
    clear: () => cookies.clear(),
  };
}

interface Setting {
  readonly requestPath: string;
  readonly hostname: string;
  readonly isSecure: boolean;
  readonly now: number;
}

/** RFC 6265 5.2; null where it is to be ignored: malformed, too long, of another host, or only for TLS. */
function parseSetCookie(header: string, { requestPath, hostname, isSecure, now }: Setting): Cookie | null {
  const [pair = '', ...rest] = header.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(equals, 0)).trim();
  const value = pair.slice(equals + 1).trim();
  if (!NAME.test(name) || !VALUE.test(value) || name.length + value.length > LONGEST_COOKIE) return null;

  const attributes = new Map<string, string>();
  for (const attribute of rest) {
    const [, key = '', text = ''] = /^\s*([^=]*?)\s*(?:=\s*(.*?)\s*)?$/s.exec(attribute) ?? [];
    attributes.set(key.toLowerCase(), text); // of one that stands twice the last counts
  }
  const domain = (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase();
  const isOwn = domain === '' || domain === hostname || hostname.endsWith(`.${domain}`);
  if (!isOwn || (attributes.has('secure') && !isSecure)) return null;
  const path = attributes.get('path') ?? '';
  return {
    name,
    value,
    path: path.startsWith('/') ? path : defaultPath(requestPath),
    expiresAt: expiryOf(attributes, now),
  };
}

/** `Max-Age` goes before `Expires`; what can't be read says nothing. */
function expiryOf(attributes: ReadonlyMap<string, string>, now: number): number | null {
  const maxAge = attributes.get('max-age') ?? '';
  if (/^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0 ? now : now + Number(maxAge) * 1_000;
  return parseDate(attributes.get('expires') ?? '');
}

/** 5.1.4: the folder of the request. */
function defaultPath(requestPath: string): string {
  return requestPath.slice(0, Math.max(requestPath.lastIndexOf('/'), 1));
}

function isOnPath(path: string, cookiePath: string): boolean {
  if (!path.startsWith(cookiePath)) return false;
  return path.length === cookiePath.length || cookiePath.endsWith('/') || path[cookiePath.length] === '/';
}
