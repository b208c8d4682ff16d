import { parse, serialize } from 'hono/utils/cookie';

const NAME = 'ovadex-session';
/** Of a sign-in that has begun. */
const PENDING_NAME = 'ovadex-sign-in';

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

/** Returns the id of the sign-in that this browser has begun. */
export function pendingIdOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : parse(header, PENDING_NAME)[PENDING_NAME];
}

/**
 * Returns the Set-Cookie that ties a sign-in to the browser that begins it, so that nobody is signed in as somebody
 * else by a link. It is `Lax`, since the issuer's answer comes from another site; ends it if the id is empty.
 */
export function pendingCookie(id: string, path: string, maxAge: number): string {
  return serialize(PENDING_NAME, id, {
    path,
    httpOnly: true,
    secure: true,
    sameSite: 'Lax',
    maxAge: id === '' ? 0 : maxAge,
  });
}
