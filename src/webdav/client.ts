import { isNextcloudUrl } from '../domain/hosts/requests-at-once.js';
import type { ListingFailure } from '../domain/model/listing.js';
import { type ResourcePath, ROOT } from '../domain/model/path.js';
import type { DiscoverySettings } from '../domain/model/space.js';
import type { Clock } from '../domain/ports/clock.js';
import type { ReadableStore } from '../domain/ports/remote-store.js';
import { createAsking } from './asking.js';
import { createAuthenticator } from './auth/authenticate.js';
import { type CookieJar, createCookieJar } from './auth/cookies.js';
import { createExchange, type Exchange } from './auth/exchange.js';
import { createTokenFile, type ReadSecret } from './auth/token-file.js';
import type { Compliance } from './compliance.js';
import { createConnections } from './connections.js';
import { createDownload } from './download.js';
import { createGate, type Gate, type Result } from './gate/gate.js';
import type { SharedPlaces } from './gate/shared-places.js';
import { hrefFromPath, leastEncoded } from './multistatus/href.js';
import { DEFAULT_CAPS, type ReadCaps } from './multistatus/multistatus.js';
import { askOcs, type OcsAnswer } from './nextcloud/ask-ocs.js';
import { createOcsUsers } from './nextcloud/ocs-users.js';
import { createRangeSource } from './range-source.js';
import { searchPlaceOf } from './search/place.js';
import { createSearching, createSearchMemory } from './searching.js';
import { secretsOf } from './transport/secrets.js';
import { type Sleep, sleepInRealTime } from './transport/sleep.js';
import { createTransport, type Timeouts } from './transport/transport.js';

export interface WebdavOptions {
  readonly timeouts: Timeouts & { readonly connectMs: number };
  /** Requests in flight to one origin, for all its spaces together. */
  readonly requestsPerHost: number;
  /** The same for one that is a Nextcloud or ownCloud, by its URL or its properties; if not given, `requestsPerHost`. */
  readonly requestsPerNextcloud?: number;
  /** The places that are shared with other processes; if not given, this one has all of them. */
  readonly places?: Pick<SharedPlaces, 'of'> | undefined;
  /** Members to leave out of listings, including collections. */
  readonly exclude: (path: ResourcePath) => boolean;
  /** Reads token files, again and again. */
  readonly readSecret: ReadSecret;
  readonly clock: Clock;
  /** A clock that is never set forward or back, such as `performance.now`; it measures pauses. */
  readonly steadyClock: Clock;
  readonly random: () => number;
  readonly userAgent: string;
  readonly caps?: ReadCaps;
  /** If false, nothing is sent twice, whatever the result. */
  readonly retries?: boolean;
  /** If true, whoever reads a file waits out refusals for load as listings do; else they are told at once. */
  readonly waitsOutLoad?: boolean;
  /** If true, listings have all `files`. */
  readonly keepsFiles?: boolean;
  /** See `AskingOptions`. */
  readonly isProbing?: boolean;
  /**
   * If true, cookies outlive a store, with a jar for each origin and set of credentials. Only for credentials from the
   * configuration: those tried by strangers are many, and none may gain access to another's session.
   */
  readonly keepsCookies?: boolean;
  /** Waits between two attempts; real time by default. */
  readonly sleep?: Sleep;
  /** Called for each attempt with `answered` or why it brought no listing, how long it took, and `askedAt` as in `Answered`. */
  readonly onRequest?: (outcome: ListingFailure | 'answered', seconds: number, askedAt: number | null) => void;
}

/** `client` is the address of somebody on whose behalf is asked, which the storage is told and refuses for itself. */
type Place = Pick<DiscoverySettings, 'url' | 'auth' | 'connection' | 'kind' | 'groups'> & { readonly client?: string };

export interface Webdav {
  open(space: Place): ReadableStore;
  /** Whether requests to the host of this URL wait only because others have all places there. */
  lacksPlaces(url: string): boolean;
  /** Asks the server of a space to describe itself; null if it doesn't. Rejects with the reason of an aborted signal. */
  describe(space: Place, signal: AbortSignal): Promise<Compliance | null>;
  /** Asks whether the server of a space is in maintenance mode; null if it doesn't say. Rejects as `describe` does. */
  isInMaintenance(space: Place, signal: AbortSignal): Promise<boolean | null>;
  /** Drops what is kept for places other than these, such as for former credentials; only these may be opened from then on. */
  retain(places: Iterable<Place>): void;
  /** Closes all connections; running requests fail. */
  close(): Promise<void>;
}

/**
 * Opens spaces on WebDAV servers. Spaces of one origin share its gate and pauses, and those reached in the same way
 * share connections.
 */
export function createWebdav(options: WebdavOptions): Webdav {
  const { timeouts, requestsPerHost, requestsPerNextcloud = requestsPerHost, clock, random } = options;
  const { caps = DEFAULT_CAPS, retries = true, sleep = sleepInRealTime } = options;
  const { totalMs } = timeouts;
  const asking = { ...options, totalMs, caps, retries, sleep };
  const connections = createConnections({ connectMs: timeouts.connectMs, perHost: requestsPerHost });
  const gateOf = oncePerKey((origin) => {
    const places = options.places?.of(origin, requestsPerHost);
    return createGate({ limit: requestsPerHost, places, steadyClock: options.steadyClock, sleep, random });
  });
  const memory = createSearchMemory();
  const unseekable = new Set<string>();
  const tokenFileOf = oncePerKey((file) => createTokenFile(file, { readSecret: options.readSecret, clock }));

  const jarOf = oncePerKey((_access, origin: string) => createCookieJar(origin, clock));
  const jarFor = (origin: string, place: Place) =>
    options.keepsCookies === true ? jarOf.get(accessKey(origin, place), origin) : createCookieJar(origin, clock);

  const exchangeOf = (space: Place, origin: string, cookies: CookieJar, isRefusalForAll?: () => boolean): Exchange => {
    const { tls = null, proxy = null } = space.connection ?? {};
    const headers = headersOf(space);
    const secrets = secretsOf({ auth: space.auth, headers, proxy });
    const transport = createTransport(connections.of({ tls, proxy }), origin, timeouts, secrets);
    const authenticator = createAuthenticator(space.auth, tokenFileOf.get);
    return createExchange({
      origin,
      transport,
      headers,
      authenticator,
      cookies,
      ...(isRefusalForAll && { isRefusalForAll }),
    });
  };

  return {
    async describe(space, signal) {
      // Loaded on demand: no crawl needs it, and the package takes a fifth of a second to load.
      const { readCompliance } = await import('./compliance.js');
      const { origin } = new URL(space.url);
      const exchange = exchangeOf(space, origin, createCookieJar(origin, clock));
      return await readCompliance(space.url, exchange, totalMs, signal);
    },

    async isInMaintenance(space, signal) {
      // Loaded on demand: few crawls ever need it.
      const { readStatus } = await import('./nextcloud/status.js');
      const { origin } = new URL(space.url);
      const anonymous: Place = { ...space, auth: { type: 'none' } };
      const exchange = exchangeOf(anonymous, origin, createCookieJar(origin, clock));
      const status = await readStatus(space.url, { exchange, userAgent: options.userAgent, totalMs }, signal);
      return status?.isInMaintenance ?? null;
    },

    lacksPlaces: (url) => gateOf.get(new URL(url).origin).lacksPlaces,

    open(space) {
      const { origin, pathname } = new URL(space.url);
      const basePath = leastEncoded(pathname);
      /** Whether an answer had ownCloud's properties, as every Nextcloud's has. */
      let isOwncloud = false;
      const exchange = exchangeOf(space, origin, jarFor(origin, space), () => isOwncloud);
      const gate = gateOf.get(origin);
      const onOwncloud = () => gate.narrow(requestsPerNextcloud);
      if (isNextcloudUrl(space.url)) onOwncloud();
      if (space.kind === 'ocs') {
        onOwncloud();
        const deps = { exchange, base: `${origin}${basePath}`, userAgent: options.userAgent, totalMs };
        const askFor = (path: string, signal: AbortSignal) =>
          throughGate(gate, signal, () => askOcs(path, deps, signal));
        return createOcsUsers(askFor, space.groups ?? null);
      }
      const here = { ...asking, origin, exchange, gate, isForClient: space.client !== undefined };
      const ask = createAsking({ ...here, basePath, onOwncloud });
      const place = searchPlaceOf(basePath, space.auth);
      const searched = place === null ? null : createSearching({ ...here, place, memory });

      return {
        async list(collection, signal) {
          const listing = await ask(collection, '1', signal);
          isOwncloud ||= listing.mayPropagate;
          return listing;
        },
        async search(signal, isFirst = false) {
          return searched !== null && (isOwncloud || isFirst) ? await searched(signal, isFirst && !isOwncloud) : null;
        },
        async probe(collection, signal) {
          const asked = await ask(collection, '0', signal);
          const { marker, isSettled, mayPropagate, fingerprint = null, fileId = null, askedAt } = asked;
          let { verdict, requests } = asked;
          isOwncloud ||= mayPropagate;
          const mayBeFile = !verdict.complete && (verdict.failure === 'rejected' || verdict.failure === 'forbidden');
          // The root has the same URL with and without the slash.
          if (mayBeFile && collection !== ROOT) {
            // Apache (and lighttpd, with 403) answers so to the name of a file followed by a slash: ask for the file.
            const plain = await ask(collection, '0', signal, hrefFromPath(collection));
            if (!plain.verdict.complete && plain.verdict.failure === 'no-collection') verdict = plain.verdict;
            requests += plain.requests;
          }
          const seen = { marker, isSettled, mayPropagate, fingerprint, fileId, askedAt, requests };
          if (verdict.complete) {
            return { presence: 'present', failure: null, detail: 'answered 207 Multi-Status', ...seen };
          }
          const { failure, detail } = verdict;
          const isGone = failure === 'not-found' || failure === 'no-collection';
          return { presence: isGone ? 'absent' : 'unknown', failure, detail, ...seen };
        },
        read: (path, listed, signal, habits) =>
          createRangeSource(path, listed, { ...here, basePath, unseekable }, signal, habits),
        download: (path, listed, signal, habits) =>
          createDownload(path, listed, { ...here, basePath, unseekable }, signal, habits),
        async close() {
          // Connections belong to the host, not to the space.
        },
      };
    },
    retain(places) {
      const kept = [...places];
      gateOf.retain(kept.map(({ url }) => new URL(url).origin));
      jarOf.retain(kept.map((place) => accessKey(new URL(place.url).origin, place)));
      tokenFileOf.retain(kept.flatMap(({ auth }) => ('tokenFile' in auth ? [auth.tokenFile] : [])));
      connections.retain(
        kept.map(({ connection }) => ({ tls: connection?.tls ?? null, proxy: connection?.proxy ?? null })),
      );
    },
    async close() {
      await connections.close();
    },
  };
}

/** Returns the headers of the configuration, with the address of a client in place of what they say of any. */
function headersOf({ connection, client }: Pick<Place, 'connection' | 'client'>): Readonly<Record<string, string>> {
  const headers = connection?.headers ?? {};
  if (client === undefined) return headers;
  const kept = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'x-forwarded-for');
  return Object.fromEntries([...kept, ['X-Forwarded-For', client]]);
}

function accessKey(origin: string, { auth, connection }: Pick<Place, 'auth' | 'connection'>): string {
  return JSON.stringify([origin, auth, connection]);
}

/** Lets a request of another kind count among those to its host. */
async function throughGate(gate: Gate, signal: AbortSignal, ask: () => Promise<OcsAnswer>): Promise<OcsAnswer> {
  const entry = await gate.enter(signal);
  if ('refusal' in entry) return { url: '', failure: 'busy', detail: entry.refusal };
  let result: Result = 'failed';
  try {
    const answer = await ask();
    if (!('failure' in answer)) result = 'let through';
    return answer;
  } finally {
    entry.leave(result);
  }
}

interface OncePerKey<Value, Rest extends unknown[]> {
  get(key: string, ...rest: Rest): Value;
  retain(keys: Iterable<string>): void;
}

/** Creates one value per key; calling `retain` keeps their number down to that of the configuration. */
function oncePerKey<Value, Rest extends unknown[]>(
  make: (key: string, ...rest: Rest) => Value,
): OncePerKey<Value, Rest> {
  const made = new Map<string, Value>();
  return {
    get(key, ...rest) {
      const value = made.get(key) ?? make(key, ...rest);
      made.set(key, value);
      return value;
    },
    retain(keys) {
      const kept = new Set(keys);
      for (const key of made.keys()) if (!kept.has(key)) made.delete(key);
    },
  };
}
