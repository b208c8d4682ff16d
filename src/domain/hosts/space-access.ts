import type { Credentials, SpaceSettings } from '../model/space.js';

type Access = Pick<SpaceSettings, 'auth' | 'connection'>;

/** Returns everything that a storage may refuse a space for, in a form that can be compared; null if nothing is known. */
export function accessOf(settings: Access | undefined): string | null {
  return settings === undefined ? null : JSON.stringify([settings.auth, settings.connection]);
}

/** Whether a storage would treat both alike. What nothing has touched is the same object, which tells soonest. */
export function isSameAccess(a: Access | undefined, b: Access | undefined): boolean {
  if (a?.auth === b?.auth && a?.connection === b?.connection) return true;
  return accessOf(a) === accessOf(b);
}

/**
 * Whether a sync that began with `before` must not continue with `now`: the space is gone, lies elsewhere, or has other
 * credentials. A token in a file is none of these, since each request reads it from there.
 */
export function endsRunningSync(before: SpaceSettings, now: SpaceSettings | undefined): boolean {
  if (now === undefined || now.url !== before.url) return true;
  if (now.auth === before.auth && now.connection === before.connection) return false;
  const lasting = ({ auth, connection }: Access) => JSON.stringify([withoutVersion(auth), connection]);
  return lasting(before) !== lasting(now);
}

function withoutVersion(auth: Credentials): Credentials {
  return auth.type === 'bearer' && 'tokenFile' in auth ? { ...auth, tokenVersion: '' } : auth;
}
