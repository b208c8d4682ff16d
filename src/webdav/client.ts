import { setMaxListeners } from 'node:events';
import { failedListing, type Listing, type ListingFailure } from '../domain/listing.js';
import { type ResourcePath, ROOT } from '../domain/path.js';
import type { Clock, RemoteStore } from '../domain/ports.js';
import { printable } from '../domain/printable.js';
import type { SpaceSettings } from '../domain/space.js';
import { createAuthenticator } from './authenticate.js';
import type { Compliance } from './compliance.js';
import { createConnections } from './connections.js';
import { type CookieJar, createCookieJar } from './cookies.js';
import { createExchange, type Exchange } from './exchange.js';
import { createGate } from './gate.js';
import { collectionHref, hrefFromPath, leastEncoded, wholeEncoded } from './href.js';
import { createListingBuilder } from './list-collection.js';
import { DEFAULT_CAPS, type ReadCaps } from './multistatus.js';
import { propfind } from './propfind.js';
import { nextRetry } from './retry.js';
import { secretsOf } from './secrets.js';
import { type Sleep, sleepInRealTime } from './sleep.js';
import { createTokenFile, type ReadSecret } from './token-file.js';
import { createTransport, type Timeouts } from './transport.js';

export interface WebdavOptions {
  readonly timeouts: Timeouts & { readonly connectMs: number };
  /** In flight at once to one origin, all its spaces together. */
  readonly requestsPerHost: number;
  /** Members that listings leave out, collections too. */
  readonly exclude: (path: ResourcePath) => boolean;
  /** For tokens that are read again and again. */
  readonly readSecret: ReadSecret;
  readonly clock: Clock;
  /** Never set back or forth, as `performance.now`: pauses are kept by it. */
  readonly steadyClock: Clock;
  readonly random: () => number;
  readonly userAgent: string;
  readonly caps?: ReadCaps;
  /** false: whatever comes of it, nothing is asked twice. */
  readonly retries?: boolean;
  /**
   * true: cookies outlive a store, one jar for each origin and credentials. Only for credentials of the configuration:
   * those that strangers try out are many, and none may get at what another's session shows.
   */
  readonly keepsCookies?: boolean;
  /** Waits between two attempts. */
  readonly sleep?: Sleep;
  /** Told of each attempt: `answered`, or why it brought no listing; how long it took; `askedAt` as in `Answered`. */
  readonly onRequest?: (outcome: ListingFailure | 'answered', seconds: number, askedAt: number | null) => void;
}

type Place = Pick<SpaceSettings, 'url' | 'auth' | 'connection'>;

export interface Webdav {
  open(space: Place): RemoteStore;
  /** What the server of a space says of itself; null where it says nothing. Rejects with the reason of an aborted signal. */
  describe(space: Place, signal: AbortSignal): Promise<Compliance | null>;
  /** Closes every connection; requests that still run fail. */
  close(): Promise<void>;
}

/** Spaces on WebDAV servers. All spaces of one origin share its gate and its pauses, and those reached alike their connections. */
export function createWebdav(options: WebdavOptions): Webdav {
  const { timeouts, requestsPerHost, clock, random, userAgent, exclude } = options;
  const { caps = DEFAULT_CAPS, retries = true, sleep = sleepInRealTime } = options;
  const connections = createConnections({ connectMs: timeouts.connectMs, perHost: requestsPerHost });
  const gateOf = oncePerKey((_origin) =>
    createGate({ limit: requestsPerHost, steadyClock: options.steadyClock, sleep }),
  );
  const tokenFileOf = oncePerKey((file) => createTokenFile(file, { readSecret: options.readSecret, clock }));

  const jarOf = oncePerKey((_access, origin: string) => createCookieJar(origin, clock));
  const jarFor = (origin: string, { auth, connection }: Place) =>
    options.keepsCookies === true
      ? jarOf(JSON.stringify([origin, auth, connection]), origin)
      : createCookieJar(origin, clock);

  const exchangeOf = (space: Place, origin: string, cookies: CookieJar): Exchange => {
    const { headers = {}, tls = null, proxy = null } = space.connection ?? {};
    const secrets = secretsOf({ auth: space.auth, headers, proxy });
    const transport = createTransport(connections.of({ tls, proxy }), origin, timeouts, secrets);
    const authenticator = createAuthenticator(space.auth, tokenFileOf);
    return createExchange({ origin, transport, headers, authenticator, cookies });
  };

  return {
    async describe(space, signal) {
      // No crawl needs it, and the client takes a fifth of a second to load.
      const { readCompliance } = await import('./compliance.js');
      const { origin } = new URL(space.url);
      return await readCompliance(space.url, exchangeOf(space, origin, createCookieJar(origin, clock)), signal);
    },

    open(space) {
      const { origin, pathname } = new URL(space.url);
      const basePath = leastEncoded(pathname);
      const exchange = exchangeOf(space, origin, jarFor(origin, space));
      const hostGate = gateOf(origin);
      /** Whether this server has ownCloud's properties; null until the first listing tells. */
      let hasOwncloud: boolean | null = null;
      /** One attempt, when the host's gate lets it in, and how to go on if it fails. */
      const attempt = async (
        collection: ResourcePath,
        asked: { depth: '0' | '1'; path: string; attempts: number },
        signal: AbortSignal,
      ) => {
        const { depth, path, attempts } = asked;
        const leave = await hostGate.enter(signal);
        let isGood = false;
        try {
          const builder = createListingBuilder({ collection, basePath, exclude });
          const { totalMs } = timeouts;
          const asksOwncloud = hasOwncloud !== false;
          const request = { exchange, path, depth, asksOwncloud, userAgent, totalMs, caps, onResponse: builder.add };
          const startedAt = performance.now();
          const answer = await propfind(request, signal);
          const outcome = 'askedAt' in answer ? 'answered' : answer.failure;
          const askedAt = 'askedAt' in answer ? answer.askedAt : null;
          options.onRequest?.(outcome, (performance.now() - startedAt) / 1_000, askedAt);
          if ('askedAt' in answer) {
            isGood = true;
            return { listing: blotted(builder.finish(attempts, answer.askedAt), answer.blot) };
          }
          const retry = nextRetry(answer.trouble, attempts, { now: clock(), random });
          if (retry?.pausesHost === true) hostGate.slowDown(retry.waitMs);
          return { listing: null, failed: answer, retry: retries ? retry : null };
        } finally {
          leave(isGood);
        }
      };

      const ask = async (
        collection: ResourcePath,
        depth: '0' | '1',
        signal: AbortSignal,
        href = collectionHref(collection),
      ): Promise<Listing> => {
        const listing = await askFor(collection, { depth, href }, signal);
        const other = wholeEncoded(href);
        if (other === href || !mayBeMisread(listing)) return listing;
        const again = await askFor(collection, { depth, href: other }, signal);
        // Gone is only what both say is gone.
        const isGoneTwice = !again.verdict.complete && again.verdict.failure === 'not-found';
        return { ...(isGoneTwice ? listing : again), requests: listing.requests + again.requests };
      };

      const askFor = async (
        collection: ResourcePath,
        { depth, href }: { depth: '0' | '1'; href: string },
        signal: AbortSignal,
      ): Promise<Listing> => {
        const path = `${basePath}${href}`;
        const url = `${origin}${path}`;
        // One signal ends a whole sync, so each of its requests listens to it; that many are no leak.
        setMaxListeners(0, signal);
        for (let attempts = 1; ; attempts++) {
          const result = await attempt(collection, { depth, path, attempts }, signal);
          if (result.listing !== null) {
            if (result.listing.verdict.complete) hasOwncloud ??= result.listing.mayPropagate;
            return located(result.listing, url, depth);
          }
          const { failed, retry } = result;
          if (retry === null) {
            return located(failedListing(collection, failed.failure, failed.detail, attempts), url, depth);
          }
          if (!retry.pausesHost) await sleep(retry.waitMs, signal);
        }
      };

      return {
        list: (collection, signal) => ask(collection, '1', signal),
        async probe(collection, signal) {
          let { verdict, requests, marker, mayPropagate } = await ask(collection, '0', signal);
          const mayBeFile = !verdict.complete && (verdict.failure === 'rejected' || verdict.failure === 'forbidden');
          // The root has the same URL either way.
          if (mayBeFile && collection !== ROOT) {
            // Apache's answer (lighttpd's: 403) to the name of a file with a slash behind it: ask for the file.
            const plain = await ask(collection, '0', signal, hrefFromPath(collection));
            if (!plain.verdict.complete && plain.verdict.failure === 'no-collection') verdict = plain.verdict;
            requests += plain.requests;
          }
          const seen = { marker, mayPropagate, requests };
          if (verdict.complete) {
            return { presence: 'present', failure: null, detail: 'answered 207 Multi-Status', ...seen };
          }
          const { failure, detail } = verdict;
          const isGone = failure === 'not-found' || failure === 'no-collection';
          return { presence: isGone ? 'absent' : 'unknown', failure, detail, ...seen };
        },
        async close() {
          // Connections belong to the host, not to the space.
        },
      };
    },
    async close() {
      await connections.close();
    },
  };
}

/** Entries may repeat what the request was sent with. */
function blotted(listing: Listing, blot: (text: string) => string): Listing {
  const { verdict, misfits } = listing;
  const told = (text: string) => printable(blot(text));
  if (!verdict.complete) return { ...listing, verdict: { ...verdict, detail: told(verdict.detail) } };
  return misfits.length === 0 ? listing : { ...listing, misfits: misfits.map(told) };
}

/** A server that reads `;` or `+` in its own way was asked for something else. */
function mayBeMisread({ verdict }: Listing): boolean {
  return !verdict.complete && MISREADINGS.has(verdict.failure);
}

const MISREADINGS: ReadonlySet<ListingFailure> = new Set(['not-found', 'rejected', 'no-self', 'foreign-href']);

/** The same with the request in front of a failure's detail, as an administrator would ask it again. */
function located(listing: Listing, url: string, depth: string): Listing {
  if (listing.verdict.complete) return listing;
  const requests = listing.requests > 1 ? ` (${listing.requests} requests)` : '';
  const detail = `PROPFIND ${url} with Depth ${depth}: ${listing.verdict.detail}${requests}`;
  return { ...listing, verdict: { ...listing.verdict, detail } };
}

/** The same thing for the same key; there are no more of them than the configuration has. */
function oncePerKey<Value, Rest extends unknown[]>(
  make: (key: string, ...rest: Rest) => Value,
): (key: string, ...rest: Rest) => Value {
  const made = new Map<string, Value>();
  return (key, ...rest) => {
    const value = made.get(key) ?? make(key, ...rest);
    made.set(key, value);
    return value;
  };
}
