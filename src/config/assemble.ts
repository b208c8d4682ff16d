import type { Credentials, DiscoverySettings, SpaceSettings } from '../domain/model/space.js';
import { withSocketRights } from './fields/socket-rights.js';
import type { Config, ConfigFile } from './schema.js';
import { type ConnectionEntry, connectionOf } from './sections/connection.js';
import { maintenanceOf } from './sections/maintenance.js';

/** Turns the file into the configuration that the program uses: inherited settings are filled in, and every URL is a user's own. */
export function assemble(file: ConfigFile): Config {
  const inherited: Credentials = file.storage.auth ?? { type: 'none' };
  // A single object shared by all that inherit it, since it may contain a bundle of certificates.
  const usual = connectionOf({}, file.storage);
  const spaces: SpaceSettings[] = [];
  const discoveries: DiscoverySettings[] = [];
  const publicUsers: string[] = [];
  for (const entry of file.spaces) {
    const auth = entry.auth ?? inherited;
    const connection = hasConnection(entry) ? connectionOf(entry, file.storage) : usual;
    const reach = connection === undefined ? { auth } : { auth, connection };
    if (entry.discover !== undefined) discoveries.push({ url: new URL(entry.discover).href, ...reach });
    const url = entry.url ?? file.storage.url;
    if (entry.user === undefined || url === undefined) continue;
    if (entry.public === true) publicUsers.push(entry.user);
    spaces.push({ user: entry.user, url: fillUrl(url, entry.user), ...reach, watchDirectory: entry.watch ?? null });
  }
  const { timeouts, poll, budget, ...crawl } = file.crawl;
  const { keepAlive: keepAliveMs, ...server } = file.server;
  return {
    server: { ...withSocketRights(server), keepAliveMs },
    data: file.data,
    api: file.api,
    auth: file.auth,
    spaces,
    publicUsers,
    discoveries,
    crawl: {
      ...crawl,
      poll: poll === 'off' ? null : poll,
      budget: budget === 'off' ? null : budget,
      timeouts: {
        connectMs: timeouts.connect,
        firstByteMs: timeouts.firstByte,
        silenceMs: timeouts.silence,
        totalMs: timeouts.total,
      },
    },
    maintenance: maintenanceOf(file.maintenance),
    log: file.log,
  };
}

function hasConnection({ headers, tls, proxy }: ConnectionEntry): boolean {
  return headers !== undefined || tls !== undefined || proxy !== undefined;
}

function fillUrl(template: string, user: string): string {
  return new URL(template.replaceAll('{user}', encodeURIComponent(user))).href;
}
