import type { Clock } from '../../domain/ports/clock.js';
import { parseDate } from '../transport/dates.js';

/**
 * The cookies (RFC 6265) of one origin for one set of credentials. They go to no other host, so the list of public
 * suffixes that makes up most of a library isn't needed; and they must be bounded, which libraries don't do.
 */
export interface CookieJar {
  /** Returns the Cookie header for this URL path; null for none. */
  headerFor(path: string): string | null;
  /** Stores the Set-Cookie headers of a response to a request for this path; returns how many were accepted. */
  take(setCookies: readonly string[], path: string): number;
  clear(): void;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** Expiry in ms since the epoch; null if it lives as long as the jar. */
  readonly expiresAt: number | null;
}

/** The limit of browsers; Nextcloud's cookies have 150 characters at most. */
const LONGEST_COOKIE = 4_096;
/** Nextcloud sets five, a load balancer one or two. Beyond this the oldest is dropped. */
const MOST_COOKIES = 32;
/** nginx and Apache reject header lines of more than 8 KB; cookies beyond this are omitted. */
const LONGEST_HEADER = 7_168;
/** Names by RFC 6265 4.1.1, and others that servers send; control and wide characters could not be sent back. */
const NAME = /^[!-:<>-~]+$/;
const VALUE = /^[ -:<-~]*$/;

/** Creates an empty jar; `clock` is the wall clock, on which `Expires` is based. */
export function createCookieJar(origin: string, clock: Clock): CookieJar {
  const { hostname, protocol } = new URL(origin);
  /** Cookies by name and path, oldest first. */
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
      // Those of longer paths come first, otherwise in order of creation (5.4).
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

/** RFC 6265 5.2; Parses a Set-Cookie header; null if it is to be ignored: malformed, too long, of another host, or only for TLS. */
function parseSetCookie(header: string, { requestPath, hostname, isSecure, now }: Setting): Cookie | null {
  const [pair = '', ...rest] = header.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(equals, 0)).trim();
  const value = pair.slice(equals + 1).trim();
  if (!NAME.test(name) || !VALUE.test(value) || name.length + value.length > LONGEST_COOKIE) return null;

  const attributes = new Map<string, string>();
  for (const attribute of rest) {
    const [, key = '', text = ''] = /^\s*([^=]*?)\s*(?:=\s*(.*?)\s*)?$/s.exec(attribute) ?? [];
    attributes.set(key.toLowerCase(), text); // the last of duplicate attributes counts
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

/** Returns the expiry: `Max-Age` takes precedence over `Expires`, and invalid values are ignored. */
function expiryOf(attributes: ReadonlyMap<string, string>, now: number): number | null {
  const maxAge = attributes.get('max-age') ?? '';
  if (/^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0 ? now : now + Number(maxAge) * 1_000;
  return parseDate(attributes.get('expires') ?? '');
}

/** The default path: the folder of the request (5.1.4). */
function defaultPath(requestPath: string): string {
  return requestPath.slice(0, Math.max(requestPath.lastIndexOf('/'), 1));
}

function isOnPath(path: string, cookiePath: string): boolean {
  if (!path.startsWith(cookiePath)) return false;
  return path.length === cookiePath.length || cookiePath.endsWith('/') || path[cookiePath.length] === '/';
}
