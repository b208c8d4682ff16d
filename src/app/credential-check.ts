import { hash } from 'node:crypto';
import type { Logger } from 'pino';
import { createClientForwarding } from '../auth/client-forwarding.js';
import { createGuessBudget } from '../auth/guess-budget.js';
import type { Config } from '../config/schema.js';
import { failuresRisked, type GuessLimits, guessLimits } from '../domain/hosts/lock-out.js';
import {
  type CheckCredentials,
  type CredentialAnswer,
  type GuardProof,
  guardProofOf,
  type LogInCaller,
  type PasswordProof,
  passwordProofOf,
  sameHomeProofOf,
} from '../domain/hosts/log-in-proof.js';
import { isHomeOfCaller, isNextcloudHome, isNextcloudUrl } from '../domain/hosts/requests-at-once.js';
import type { LinkOrigin } from '../domain/model/link.js';
import type { Probe } from '../domain/model/listing.js';
import { ROOT } from '../domain/model/path.js';
import type { ConnectionSettings, Credentials, Space } from '../domain/model/space.js';
import { type UserAuth, urlOfUser } from '../domain/model/user-auth.js';
import { urlOfDiscovered } from '../domain/policy/discovered-space.js';
import { linkedUrl, loginNameOf, originOfLogIn } from '../domain/policy/linking.js';
import type { Clock } from '../domain/ports/clock.js';
import type { ImageCatalogue } from '../domain/ports/image-catalogue.js';
import type { LogInCounts } from '../domain/ports/log-in-counts.js';
import type { WebdavOptions } from '../webdav/client.js';
import type { SharedPlaces } from '../webdav/gate/shared-places.js';
import { createStorage, fillFromFiles } from './crawler.js';

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
  deps: {
    readonly catalogue: Pick<ImageCatalogue, 'space'>;
    readonly counts: LogInCounts;
    /** Those of log-ins, which are given back at the end; undefined: no other process has any. */
    readonly places: SharedPlaces | undefined;
    readonly clock: Clock;
    readonly logger: Logger;
    /** How pauses pass that storages ask for: in real time by default. */
    readonly pausing?: Pick<WebdavOptions, 'steadyClock' | 'sleep'>;
  },
): CredentialCheck {
  const { catalogue, counts, places, clock, logger, pausing } = deps;
  const storage = createStorage(config, clock, { ...pausing, retries: false, places }, 'log-in');
  // What may be linked, and whether app passwords are kept, is settled at the start.
  const { link, auth: authSettings } = config;
  let placeOf = placesOf(config, storage.childUrl);
  /** Where a user without a space may have one by logging in; null for nowhere. */
  const placeOfNone = (user: string) => (authSettings.keepAppPasswords ? linkedPlace(link.origins, user, null) : null);
  let standIn = standInsOf(config);
  /** Roots that spaces were found to have where an address leads everybody home, by user and URL. */
  const homes = new Map<string, string>();
  /** Origins that have shown properties of ownCloud or Nextcloud. */
  const nextclouds = new Set<string>();
  const budget = createGuessBudget(counts, (origin, retryAt, limits) => warnOfGuesses(logger, origin, retryAt, limits));
  const forwarding = createClientForwarding(authSettings.forwardClientAddress, clock, (origin, at) => {
    const until = new Date(at).toISOString();
    logger.warn(
      { origin, until },
      `${origin} refuses log-ins from several addresses (429), so it seems not to believe the addresses that ovadex tells it: it is told none until ${until}; put the address of ovadex among the trusted_proxies of Nextcloud, or take it out of auth.forwardClientAddress`,
    );
  });

  const probe = async (place: Asked, auth: Credentials, signal: AbortSignal): Promise<Probe> => {
    const store = storage.open({ ...place, auth });
    try {
      return await store.probe(ROOT, signal);
    } finally {
      await store.close();
    }
  };

  /** Checked with the same connection settings, since a client certificate or a header may be what grants access. */
  const guardOf = async (place: Asked, signal: AbortSignal): Promise<GuardProof> =>
    guardProofOf(await probe(place, { type: 'none' }, signal));

  /** Whether the password has opened the home that is crawled, if its address doesn't say whose that is. */
  const homeOf = async (asked: Asked, user: string, answer: Probe, signal: AbortSignal): Promise<PasswordProof> => {
    // What the space's own credentials are told is of no concern to the client's address.
    const { client: _client, ...place } = asked;
    const { ownAuth } = place;
    if (ownAuth === null || (answer.fileId ?? null) === null) return 'good';
    const key = JSON.stringify([user, place.url]);
    if (homes.get(key) === answer.fileId) return 'good';
    const auth = await ownAuth();
    // The space has none of its own, so nobody's home is crawled there.
    if (auth !== null && auth.type === 'none') return 'good';
    const own = auth === null ? { presence: 'unknown' as const } : await probe(place, auth, signal);
    const proof = sameHomeProofOf(answer, own);
    if (proof === 'good' && answer.fileId) homes.set(key, answer.fileId);
    if (proof === 'unavailable') logger.warn({ user, url: place.url }, UNKNOWN_HOME);
    return proof;
  };

  const ask = async (
    place: Asked,
    { user, password, caller }: { readonly user: string; readonly password: string; readonly caller: LogInCaller },
    signal: AbortSignal,
  ): Promise<CredentialAnswer> => {
    const type = place.type === 'digest' ? 'digest' : 'basic';
    const { username = user } = place;
    const answer = await probe(place, { type, username, password }, signal);
    if (answer.mayPropagate) nextclouds.add(new URL(place.url).origin);
    // Without a request it is the host that refused others.
    if (place.client !== undefined && answer.failure === 'busy' && answer.requests > 0) {
      forwarding.noteRefusal(new URL(place.url).origin, caller);
    }
    const proof = passwordProofOf(answer);
    if (proof !== 'good') return proof;
    // A Nextcloud takes mail addresses and other spellings for names, too, and shows another's root without a marker.
    if (place.showsMarkers && answer.marker === null) return 'refused';
    const guard = await guardOf(place, signal);
    if (guard === 'guarded') return await homeOf(place, user, answer, signal);
    if (guard === 'unknown') return 'unavailable';
    logger.warn({ url: place.url }, 'log-in disabled: this storage accepts any password, or none');
    return 'refused';
  };

  return {
    async check(user, password, caller, signal) {
      const space = await catalogue.space(user);
      const place = space === null ? placeOfNone(user) : placeOf(space);
      // Guesses at users without a space count like others, or the budget would tell who has one.
      const url = place?.url ?? standIn(user);
      if (url === null) return 'no-space';
      const { origin } = new URL(url);
      const limit = failuresRisked(config.auth.failedLogIns, nextclouds.has(origin) || isNextcloudUrl(url));
      const client = forwarding.addressFor(origin, caller);
      const limits = limit === null ? null : guessLimits(limit, client !== null);
      const entered = await budget.enter(origin, { user, caller, limits }, signal);
      if ('retryAt' in entered) return entered;
      let isRefused = false;
      try {
        const answer =
          place === null
            ? 'no-space'
            : await ask(client === null ? place : { ...place, client }, { user, password, caller }, signal);
        isRefused = answer === 'refused' || answer === 'no-space';
        return answer;
      } finally {
        await entered.leave(isRefused);
      }
    },
    reload(next) {
      homes.clear();
      placeOf = placesOf({ ...next, link }, storage.childUrl);
      standIn = standInsOf({ ...next, link });
    },
    async close() {
      await Promise.all([storage.close(), places?.stop()]);
    },
  };
}

const UNKNOWN_HOME =
  "a log-in can't be told from that of another account, since this address leads everybody home and the credentials of the space are of no use there; see what `ovadex doctor` says of it, or give the space an address below /remote.php/dav/files/";

/** A space's place; `type` is that of the credentials it is crawled with. */
interface Place {
  readonly url: string;
  readonly type: Credentials['type'];
  readonly connection?: ConnectionSettings;
  /** Not set where it is the user's own name. */
  readonly username?: string;
  /** Whether the user's own root has a marker for certain. */
  readonly showsMarkers: boolean;
  /** The space's own credentials, or null if they can't be read, where its address doesn't say whose it is. */
  readonly ownAuth: (() => Promise<Credentials | null>) | null;
}

/** A place together with the address that its storage is told of whoever logs in there, if any. */
type Asked = Place & { readonly client?: string };

function warnOfGuesses(logger: Logger, origin: string, retryAt: number, { all, perAddress }: GuessLimits): void {
  const until = new Date(retryAt).toISOString();
  const [why, action] =
    perAddress === null
      ? [
          'too many have failed, and a few more might lock ovadex out',
          "to avoid this, put the address of ovadex on the allow-list of Nextcloud's brute-force protection, then set auth.failedLogIns: off",
        ]
      : [
          `of those from addresses without a log-in before, nearly ${all} have failed in half an hour`,
          'somebody may be guessing passwords: the log of the storage has the addresses',
        ];
  logger.warn({ origin, until }, `log-ins at ${origin} are refused until ${until}: ${why}; ${action}`);
}

/** Finds where a space lies and how its storage is reached; null if it is no longer configured. */
function placesOf(config: Config, childUrl: (url: string, name: string) => string): (space: Space) => Place | null {
  const named = new Map(config.spaces.map((settings) => [settings.user, settings]));
  return ({ user, url }) => {
    const settings =
      named.get(user) ??
      config.userFolders.find((each) => urlOfUser(each.url, user) === url) ??
      config.discoveries.find((each) => urlOfDiscovered(each, user, childUrl) === url);
    if (settings === undefined) return linkedPlace(config.link.origins, user, { url });
    const { auth, connection } = settings;
    const own = 'spaceAuth' in settings ? (settings.spaceAuth ?? auth) : auth;
    const { type } = 'perUser' in own ? own.perUser : own;
    const fill = async () => {
      if (!('perUser' in own) && !('folder' in settings)) return own as Credentials;
      const filled = await fillFromFiles('perUser' in own ? own.perUser : (own as UserAuth), user);
      return 'problem' in filled ? null : filled;
    };
    const ownAuth = isHomeOfCaller(url) ? fill : null;
    const place = { url, type, showsMarkers: isNextcloudHome(url), ownAuth };
    return connection === undefined ? place : { ...place, connection };
  };
}

/** Finds where a user's space is or will be linked; the link's own credentials are of no concern to a log-in. */
function linkedPlace(origins: readonly LinkOrigin[], user: string, known: Pick<Space, 'url'> | null): Place | null {
  const origin = originOfLogIn(user, origins, known);
  if (origin === null) return null;
  const username = loginNameOf(origin, user);
  const place = { url: linkedUrl(origin, user), type: 'basic', username, showsMarkers: true, ownAuth: null } as const;
  return origin.connection === undefined ? place : { ...place, connection: origin.connection };
}

/** Picks a URL that a user without a space might have, always the same one; null if nobody can have one. */
function standInsOf({ spaces, discoveries, userFolders, link }: Config): (user: string) => string | null {
  const urls: ((user: string) => string)[] = [...spaces, ...discoveries].map(
    ({ url }) =>
      () =>
        url,
  );
  for (const { url } of userFolders) urls.push((user) => urlOfUser(url, user));
  for (const origin of link.origins) urls.push((user) => linkedUrl(origin, user));
  return (user) => urls[Number.parseInt(hash('sha256', user, 'hex').slice(0, 8), 16) % urls.length]?.(user) ?? null;
}
