import { proxyAddress } from '../fields/addresses.js';
import { baseUrl, list, listenAddress, section, timeout } from '../fields/fields.js';
import { hasSocketForRights, socketGroup, socketMode } from '../fields/socket-rights.js';

/** Where the API and the numbers are told, and to whom. */
export function serverSection(resolvePath: (path: string) => string) {
  return section({
    // Reachable from this machine only, until somebody decides otherwise.
    listen: listenAddress(resolvePath).prefault('127.0.0.1:8080'),
    // Numbers tell how many users there are: they are nobody's until somebody decides where.
    metricsListen: listenAddress(resolvePath).nullable().default(null),
    publicUrl: baseUrl().nullable().default(null),
    // Whoever may write X-Forwarded-For can pass for any address.
    trustedProxies: list(proxyAddress(), 'addresses'),
    // Longer than the 60 s of nginx and of AWS: a proxy that is closed on while it asks reports a 502.
    keepAlive: timeout().prefault('65s'),
    // Owner and group may connect; a proxy runs as another user, whose group it can be given to.
    socketMode: socketMode().optional(),
    socketGroup: socketGroup().optional(),
  }).refine(hasSocketForRights, {
    error: 'must have a "unix:/path" in listen or metricsListen for socketMode and socketGroup to have a meaning',
  });
}
