import type { Logger } from 'pino';
import type { HttpContext } from '../reply/context.js';
import { addressOfPeer, compileTrust } from './client-address.js';

/** Name under which `doctor` finds this among the checks of a running daemon. */
export const PROXIES = 'proxies';

/** Looks for a proxy that the configuration doesn't name. */
export interface ProxyWatch {
  /** Examines a request; does nothing once a proxy was found. */
  look(c: HttpContext): void;
  isFound(): boolean;
}

/**
 * Clients behind a proxy that isn't named share its address, so the failed log-ins of one count for all, and the audit
 * can't tell them apart. The warning comes once, since any client may send such a header.
 */
export function createProxyWatch(trustedProxies: readonly string[], logger: Pick<Logger, 'warn'>): ProxyWatch {
  const isTrusted = compileTrust(trustedProxies);
  let isFound = false;
  return {
    look(c) {
      if (isFound || c.req.header('x-forwarded-for') === undefined) return;
      const address = addressOfPeer(c);
      if (isTrusted(address)) return;
      isFound = true;
      logger.warn(
        { address },
        'X-Forwarded-For comes from an address that server.trustedProxies does not name: if that is a proxy of yours, add it there; until then all clients behind it count as one address',
      );
    },
    isFound: () => isFound,
  };
}
