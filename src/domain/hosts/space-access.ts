import type { Credentials, SpaceSettings } from '../model/space.js';

type Access = Pick<SpaceSettings, 'auth' | 'connection'>;

/** All that a storage may refuse a space for, to be compared; null where nothing is known. */
export function accessOf(settings: Access | undefined): string | null {
  return settings === undefined ? null : JSON.stringify([settings.auth, settings.connection]);
}

/**
 * Whether a sync that was begun with the one must not go on under the other: the space is gone, lies elsewhere, or is asked
 * with other credentials. A token in a file isn't among these, since each request takes it from there.
 */
export function endsRunningSync(before: SpaceSettings, now: SpaceSettings | undefined): boolean {
  if (now === undefined || now.url !== before.url) return true;
  const lasting = ({ auth, connection }: Access) => JSON.stringify([withoutVersion(auth), connection]);
  return lasting(before) !== lasting(now);
}

function withoutVersion(auth: Credentials): Credentials {
  return auth.type === 'bearer' && 'tokenFile' in auth ? { ...auth, tokenVersion: '' } : auth;
}
