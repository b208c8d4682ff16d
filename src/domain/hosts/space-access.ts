import type { Credentials, SpaceSettings } from '../model/space.js';

type Access = Pick<SpaceSettings, 'auth' | 'connection'>;

/** Returns everything that a storage may refuse a space for, in a form that can be compared; null if nothing is known. */
export function accessOf(settings: Access | undefined): string | null {
  return settings === undefined ? null : JSON.stringify([settings.auth, settings.connection]);
}

/**
 * Whether a sync that began with `before` must not continue with `now`: the space is gone, lies elsewhere, or has other
 * credentials. A token in a file is none of these, since each request reads it from there.
 */
export function endsRunningSync(before: SpaceSettings, now: SpaceSettings | undefined): boolean {
  if (now === undefined || now.url !== before.url) return true;
  const lasting = ({ auth, connection }: Access) => JSON.stringify([withoutVersion(auth), connection]);
  return lasting(before) !== lasting(now);
}

function withoutVersion(auth: Credentials): Credentials {
  return auth.type === 'bearer' && 'tokenFile' in auth ? { ...auth, tokenVersion: '' } : auth;
}
