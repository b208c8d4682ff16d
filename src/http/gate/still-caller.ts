import type { Changes } from '../../domain/ports/image-catalogue.js';
import type { HttpContext } from '../reply/context.js';
import { credentialsFrom, type VerifyToken } from './authenticate.js';

/** What tells whether a token is still accepted. */
export interface StillCallerDeps {
  readonly verify: VerifyToken;
  readonly changes: Pick<Changes, 'current'>;
}

/** Whether the token of a request that has taken a while still is this user's: it may have been revoked meanwhile. */
export async function isStillCaller(c: HttpContext, user: string, deps: StillCallerDeps): Promise<boolean> {
  const credentials = credentialsFrom(c.req.header('authorization'));
  if (credentials.kind !== 'token') return false;
  return (await deps.verify(credentials.token, deps.changes.current()))?.user === user;
}
