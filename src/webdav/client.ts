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
      /** One attempt, when the host's gate lets it in, and how to go on if it fails. */
      const attempt = async (
        collection: ResourcePath,
        asked: { depth: '0' | '1'; url: string; attempts: number },
        signal: AbortSignal,
      ) => {
        const { depth, url, attempts } = asked;
        const leave = await hostGate.enter(signal);
        let isGood = false;
        try {
          const builder = createListingBuilder({ collection, basePath, exclude });
          const request = { client, url, depth, userAgent, totalMs: timeouts.totalMs, caps, onResponse: builder.add };
          const failed = await propfind(request, signal);
          isGood = failed === null;
          const retry = failed === null ? null : nextRetry(failed.trouble, attempts, { now: clock(), random });
          if (retry?.pausesHost === true) hostGate.slowDown(retry.waitMs);
          return { builder, failed, retry };
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
        const url = `${origin}${basePath}${href}`;
        // One signal ends a whole sync, so each of its requests listens to it; that many are no leak.
        setMaxListeners(0, signal);
        for (let attempts = 1; ; attempts++) {
          const { builder, failed, retry } = await attempt(collection, { depth, url, attempts }, signal);
          if (failed === null) return located(builder.finish(attempts), url, depth);
          if (retry === null) {
            return located(failedListing(collection, failed.failure, failed.detail, attempts), url, depth);
          }
          if (!retry.pausesHost) await sleep(retry.waitMs, signal);
        }
      };

      return {
        list: (collection, signal) => ask(collection, '1', signal),
        async probe(collection, signal) {
          let { verdict, requests } = await ask(collection, '0', signal);
          if (!verdict.complete && verdict.failure === 'rejected') {
            // Apache's answer to the name of a file with a slash behind it: ask for the file.
            const plain = await ask(collection, '0', signal, hrefFromPath(collection));
            if (!plain.verdict.complete && plain.verdict.failure === 'no-collection') verdict = plain.verdict;
            requests += plain.requests;
          }
          if (verdict.complete) return { presence: 'present', detail: 'answered 207 Multi-Status', requests };
          const isGone = verdict.failure === 'not-found' || verdict.failure === 'no-collection';
          const presence = isGone ? 'absent' : 'unknown';
          return { presence, detail: verdict.detail, requests };
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
