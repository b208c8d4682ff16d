import type { Logger } from 'pino';
import type { HttpContext } from '../reply/context.js';
import { addressOfPeer, compileTrust } from './client-address.js';

/** What `doctor` looks for among the checks of a running daemon. */
export const PROXIES = 'proxies';

/** Looks for a proxy that the configuration doesn't name. */
export interface ProxyWatch {
  /** Looks at one request; once one was found it does nothing. */
  look(c: HttpContext): void;
  isFound(): boolean;
}

/**
 * Whoever comes through a proxy that isn't named has its address, so failures to log in of one of them count for all, and no
 * audit tells them apart. It is warned of once: anybody may send such a header.
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
        'X-Forwarded-For comes from an address that server.trustedProxies does not name: if that is a proxy of yours, name it there; until then all who come through it count as one address',
      );
    },
    isFound: () => isFound,
  };
}
