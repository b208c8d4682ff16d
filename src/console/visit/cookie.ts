import { parse, serialize } from 'hono/utils/cookie';

const NAME = 'ovadex-session';

/** Returns the id of the session that a Cookie header names. */
export function sessionIdOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : parse(header, NAME)[NAME];
}

/**
 * Returns the Set-Cookie that begins a session below this path, or ends it if the id is empty. Without an expiry it
 * ends with the browser, too. Browsers take `Secure` from https, and from this machine by its local names.
 */
export function sessionCookie(id: string, path: string): string {
  return serialize(NAME, id, {
    path,
    httpOnly: true,
    secure: true,
    sameSite: 'Strict',
    ...(id === '' ? { maxAge: 0 } : {}),
  });
}
