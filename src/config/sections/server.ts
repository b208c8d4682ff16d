import * as z from 'zod';
import { proxyAddress } from '../fields/addresses.js';
import { baseUrl, list, listenAddress, section, timeout } from '../fields/fields.js';
import { hasSocketForRights, socketGroup, socketMode } from '../fields/socket-rights.js';

/** The addresses of the API and the metrics, and who may connect. */
export function serverSection(resolvePath: (path: string) => string) {
  return section({
    // Reachable only from this machine, until somebody decides otherwise.
    listen: listenAddress(resolvePath).prefault('127.0.0.1:8080'),
    // Metrics reveal how many users there are, so they are not public until somebody decides where.
    metricsListen: listenAddress(resolvePath).nullable().default(null),
    publicUrl: baseUrl().nullable().default(null),
    // A client whose X-Forwarded-For is trusted can pass for any address.
    trustedProxies: list(proxyAddress(), 'addresses'),
    // Longer than the 60 s of nginx and AWS: a proxy whose connection is closed during a request reports a 502.
    keepAlive: timeout().prefault('65s'),
    console: z.boolean({ error: 'must be true or false' }).default(true),
    // Owner and group may connect; a proxy runs as another user and can be admitted by its group.
    socketMode: socketMode().optional(),
    socketGroup: socketGroup().optional(),
  }).refine(hasSocketForRights, {
    error: 'must have a "unix:/path" in listen or metricsListen if socketMode or socketGroup is set',
  });
}
