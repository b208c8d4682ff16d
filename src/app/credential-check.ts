import type { Logger } from 'pino';
import type { Config } from '../config/schema.js';
import { type CheckCredentials, type GuardProof, guardProofOf, passwordProofOf } from '../domain/hosts/log-in-proof.js';
import type { Probe } from '../domain/model/listing.js';
import { ROOT } from '../domain/model/path.js';
import type { Credentials, DiscoverySettings, Space, SpaceSettings } from '../domain/model/space.js';
import type { Clock } from '../domain/ports/clock.js';
import type { ImageCatalogue } from '../domain/ports/image-catalogue.js';
import { createStorage } from './crawler.js';

/** Asks users' own storages whether their passwords are valid. */
export interface CredentialCheck {
  readonly check: CheckCredentials;
  /** Switches to the spaces of another configuration. */
  reload(config: Config): void;
  close(): Promise<void>;
}

/**
 * A password is valid if the root of the user's space answers a PROPFIND with 207 under it but refuses requests without
 * a password. The latter is checked each time, because a storage that is open to everybody proves nothing. Each
 * password is sent once, whatever the result, and only after any pause that the storage asked for.
 */
export function createCredentialCheck(
  config: Config,
  deps: { readonly catalogue: Pick<ImageCatalogue, 'space'>; readonly clock: Clock; readonly logger: Logger },
): CredentialCheck {
  const { catalogue, clock, logger } = deps;
  const storage = createStorage(config, clock, { retries: false });
  let placeOf = placesOf(config, storage.childUrl);

  const probe = async (place: Place, auth: Credentials, signal: AbortSignal): Promise<Probe> => {
    const store = storage.open({ ...place, auth });
    try {
      return await store.probe(ROOT, signal);
    } finally {
      await store.close();
    }
  };

  /** Checked with the same connection settings, since a client certificate or a header may be what grants access. */
  const guardOf = async (place: Place, signal: AbortSignal): Promise<GuardProof> =>
    guardProofOf(await probe(place, { type: 'none' }, signal));

  return {
    async check(user, password, signal) {
      const space = await catalogue.space(user);
      const place = space === null ? null : placeOf(space);
      if (place === null) return 'no-space';
      const type = place.auth.type === 'digest' ? 'digest' : 'basic';
      const answer = passwordProofOf(await probe(place, { type, username: user, password }, signal));
      if (answer !== 'good') return answer;
      const guard = await guardOf(place, signal);
      if (guard === 'guarded') return 'good';
      if (guard === 'unknown') return 'unavailable';
      logger.warn({ url: place.url }, 'log-in disabled: this storage accepts any password, or none');
      return 'refused';
    },
    reload(next) {
      placeOf = placesOf(next, storage.childUrl);
    },
    close: () => storage.close(),
  };
}

type Place = DiscoverySettings | SpaceSettings;

/** Finds where a space lies and how its storage is reached; null if it is no longer configured. */
function placesOf(config: Config, childUrl: (url: string, name: string) => string): (space: Space) => Place | null {
  const named = new Map(config.spaces.map((settings) => [settings.user, settings]));
  return ({ user, url }) => {
    const discovery = config.discoveries.find((each) => childUrl(each.url, user) === url);
    const settings = named.get(user) ?? discovery;
    return settings === undefined ? null : { ...settings, url };
  };
}
