import type { LinkOrigin } from '../domain/model/link.js';
import { createConnections } from './connections.js';
import { type AskJson, createAskJson } from './nextcloud/ask-json.js';
import { secretsOf } from './transport/secrets.js';
import { createTransport } from './transport/transport.js';

/** Asks Nextclouds at their own endpoints, which are no WebDAV. */
export interface NextcloudClient {
  at(place: Pick<LinkOrigin, 'url' | 'connection'>): AskJson;
  close(): Promise<void>;
}

/** People wait for these answers, and proxies in front of the API give up after a minute. */
const TOTAL_MS = 15_000;
/** Time to accept a connection, in ms: two SYNs and a slow TLS handshake. */
const CONNECT_MS = 5_000;
/** These requests are few: a log-in here and there, and one poll at a time. */
const PER_HOST = 4;

/** Creates a client with connections of its own, so that links never wait for a crawl. */
export function createNextcloudClient({ userAgent }: { readonly userAgent: string }): NextcloudClient {
  const connections = createConnections({ connectMs: CONNECT_MS, perHost: PER_HOST });
  const timeouts = { firstByteMs: TOTAL_MS, silenceMs: TOTAL_MS, totalMs: TOTAL_MS };
  return {
    at({ url, connection }) {
      const { headers = {}, tls = null, proxy = null } = connection ?? {};
      const secrets = secretsOf({ auth: { type: 'none' }, headers, proxy });
      const transport = createTransport(connections.of({ tls, proxy }), new URL(url).origin, timeouts, secrets);
      return createAskJson({ transport, headers, userAgent, totalMs: TOTAL_MS });
    },
    close: () => connections.close(),
  };
}
