import { setMaxListeners } from 'node:events';
import { AuthType, createClient, type WebDAVClientOptions } from 'webdav';
import { failedListing, type Listing } from '../domain/listing.js';
import type { ResourcePath } from '../domain/path.js';
import type { Clock, RemoteStore } from '../domain/ports.js';
import type { Credentials, SpaceSettings } from '../domain/space.js';
import { createGate, type Gate } from './gate.js';
import { collectionHref, hrefFromPath } from './href.js';
import { createListingBuilder } from './list-collection.js';
import { DEFAULT_CAPS, type ReadCaps } from './multistatus.js';
import { propfind } from './propfind.js';
import { nextRetry } from './retry.js';
import { type Sleep, sleepInRealTime } from './sleep.js';
import { createAgent, type Timeouts } from './transport.js';

export interface WebdavOptions {
  readonly timeouts: Timeouts;
  /** In flight at once to one origin, all its spaces together. */
  readonly requestsPerHost: number;
  /** Members that listings leave out, collections too. */
  readonly exclude: (path: ResourcePath) => boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly userAgent: string;
  readonly caps?: ReadCaps;
  /** Waits between two attempts. */
  readonly sleep?: Sleep;
}

export interface Webdav {
  open(space: Pick<SpaceSettings, 'url' | 'auth'>): RemoteStore;
  /** Closes every connection; requests that still run fail. */
  close(): Promise<void>;
}

/** Spaces on WebDAV servers. All spaces of one origin share its gate, its pauses and its connections. */
export function createWebdav(options: WebdavOptions): Webdav {
  const { timeouts, requestsPerHost, clock, random, userAgent, exclude } = options;
  const { caps = DEFAULT_CAPS, sleep = sleepInRealTime } = options;
  const agent = createAgent(timeouts, requestsPerHost);
  const gates = new Map<string, Gate>();
  const gateOf = (origin: string): Gate => {
    const gate = gates.get(origin) ?? createGate({ limit: requestsPerHost, clock, sleep });
    gates.set(origin, gate);
    return gate;
  };

  return {
    open(space) {
      const { origin, pathname: basePath } = new URL(space.url);
      const client = createClient(origin, { ...authOptions(space.auth), httpAgent: agent, httpsAgent: agent });
      const hostGate = gateOf(origin);
      /** Whether this server has ownCloud's properties; null until the first listing tells. */
      let hasOwncloud: boolean | null = null;
      /** One attempt, when the host's gate lets it in. */
      const attempt = async (collection: ResourcePath, depth: '0' | '1', url: string, signal: AbortSignal) => {
        const leave = await hostGate.enter(signal);
        try {
          const builder = createListingBuilder({ collection, basePath, exclude });
          const { totalMs } = timeouts;
          const asksOwncloud = hasOwncloud !== false;
          const request = { client, url, depth, asksOwncloud, userAgent, totalMs, caps, onResponse: builder.add };
          return { builder, answer: await propfind(request, signal) };
        } finally {
          leave();
        }
      };

      const ask = async (
        collection: ResourcePath,
        depth: '0' | '1',
        signal: AbortSignal,
        href = collectionHref(collection),
      ): Promise<Listing> => {
        const url = `${origin}${basePath}${href}`;
        // One signal ends a whole sync, so each of its requests listens to it; that many are no leak.
        setMaxListeners(0, signal);
        for (let requests = 1; ; requests++) {
          const { builder, answer } = await attempt(collection, depth, url, signal);
          if ('askedAt' in answer) {
            const listing = builder.finish(requests, answer.askedAt);
            if (listing.verdict.complete) hasOwncloud ??= listing.mayPropagate;
            return located(listing, url, depth);
          }
          const retry = nextRetry(answer.trouble, requests, { now: clock(), random });
          if (retry === null) {
            return located(failedListing(collection, answer.failure, answer.detail, requests), url, depth);
          }
          if (retry.pausesHost) hostGate.pause(retry.waitMs);
          else await sleep(retry.waitMs, signal);
        }
      };

      return {
        list: (collection, signal) => ask(collection, '1', signal),
        async probe(collection, signal) {
          let { verdict, requests, marker, mayPropagate } = await ask(collection, '0', signal);
          if (!verdict.complete && verdict.failure === 'rejected') {
            // Apache's answer to the name of a file with a slash behind it: ask for the file.
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
      await agent.destroy();
    },
  };
}

/** The same with the request in front of a failure's detail, as an administrator would ask it again. */
function located(listing: Listing, url: string, depth: string): Listing {
  if (listing.verdict.complete) return listing;
  const requests = listing.requests > 1 ? ` (${listing.requests} requests)` : '';
  const detail = `PROPFIND ${url} with Depth ${depth}: ${listing.verdict.detail}${requests}`;
  return { ...listing, verdict: { ...listing.verdict, detail } };
}

function authOptions(auth: Credentials): WebDAVClientOptions {
  switch (auth.type) {
    case 'none':
      return { authType: AuthType.None };
    case 'basic':
      // The client's base64 takes bytes; RFC 7617 2.1 wants UTF-8.
      return { authType: AuthType.Password, username: utf8Bytes(auth.username), password: utf8Bytes(auth.password) };
    case 'digest':
      return { authType: AuthType.Digest, username: auth.username, password: auth.password };
    case 'bearer':
      return { authType: AuthType.Token, token: { token_type: 'Bearer', access_token: auth.token } };
  }
}

function utf8Bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
