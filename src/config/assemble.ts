import { join } from 'node:path';
import type { Credentials, DiscoverySettings, SpaceSettings, UserFolder } from '../domain/model/space.js';
import { USER_PLACEHOLDER, type UserAuth, urlOfUser } from '../domain/model/user-auth.js';
import { withSocketRights } from './fields/socket-rights.js';
import type { Config, ConfigFile } from './schema.js';
import { type ConnectionEntry, connectionOf } from './sections/connection.js';
import { type AuthEntry, isOfAll } from './sections/credentials.js';
import { dataOf } from './sections/data.js';
import type { DiscoverEntry } from './sections/discover.js';
import { maintenanceOf } from './sections/maintenance.js';
import type { SpaceEntry } from './user-entries.js';

/**
 * Turns the file into the configuration that the program uses: inherited settings are filled in, and every URL is a
 * user's own. `credentials` are those of the entries that name a user.
 */
export function assemble(file: ConfigFile, credentials: ReadonlyMap<SpaceEntry, Credentials>): Config {
  const inherited: AuthEntry = file.storage.auth ?? { type: 'none' };
  // A single object shared by all that inherit it, since it may contain a bundle of certificates.
  const usual = connectionOf({}, file.storage);
  const spaces: SpaceSettings[] = [];
  const discoveries: DiscoverySettings[] = [];
  const userFolders: UserFolder[] = [];
  const publicUsers: string[] = [];
  for (const entry of file.spaces) {
    const its = hasConnection(entry) ? connectionOf(entry, file.storage) : usual;
    const connection = its === undefined ? {} : { connection: its };
    const more = entry.describe === false ? { ...connection, describe: entry.describe } : connection;
    const { user, discover, credentials: folder, url = file.storage.url } = entry;
    const auth = credentials.get(entry);
    if (discover !== undefined) discoveries.push({ ...discoveryOf(discover, entry, inherited), ...more });
    else if (url !== undefined && folder !== undefined) {
      userFolders.push({ folder, url, auth: authOfFolder(folder, entry.auth), ...more });
    } else if (url !== undefined && user !== undefined && auth !== undefined) {
      if (entry.public === true) publicUsers.push(user);
      spaces.push({ user, url: urlOfUser(url, user), auth, ...more, watchDirectory: entry.watch ?? null });
    }
  }
  const { timeouts, poll, budget, ...crawl } = file.crawl;
  const { keepAlive: keepAliveMs, ...server } = file.server;
  const { serveStale: serveStaleMs, ...api } = file.api;
  return {
    server: { ...withSocketRights(server), keepAliveMs },
    data: dataOf(file.data),
    roles: file.roles,
    api: { ...api, serveStaleMs },
    auth: file.auth,
    link: file.link,
    spaces,
    publicUsers,
    discoveries,
    userFolders,
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
    describe: file.describe,
    webhooks: file.webhooks,
    maintenance: maintenanceOf(file.maintenance),
    log: file.log,
  };
}

function hasConnection({ headers, tls, proxy }: ConnectionEntry): boolean {
  return headers !== undefined || tls !== undefined || proxy !== undefined;
}

/** Where the files of Nextcloud's users are, below its own URL. */
const NEXTCLOUD_FILES = `remote.php/dav/files/${USER_PLACEHOLDER}/`;

function discoveryOf(discover: DiscoverEntry, entry: SpaceEntry, inherited: AuthEntry): DiscoverySettings {
  const { kind, below, exclude, groups } = discover;
  const url = new URL(discover.url).href;
  const spaceAuth = entry.auth ?? inherited;
  const auth = discover.auth ?? spaceAuth;
  return {
    url,
    auth: isOfAll(auth) ? auth : { type: 'none' }, // any other was refused
    ...(kind === 'ocs' ? { kind, spaceUrl: entry.url ?? `${url}${NEXTCLOUD_FILES}` } : {}),
    ...(groups === null ? {} : { groups }),
    ...(below === '' ? {} : { below }),
    ...(exclude.length === 0 ? {} : { exclude }),
    ...(spaceAuth === auth || 'bare' in spaceAuth ? {} : { spaceAuth }),
  };
}

/** Returns the credentials of a folder's users: each file has the secret of the user whom it is named after. */
function authOfFolder(folder: string, auth: AuthEntry | undefined): UserAuth {
  const usual = { type: 'basic', username: null } as const;
  const { type, username } = auth !== undefined && 'bare' in auth ? auth.bare : usual;
  const file = join(folder, USER_PLACEHOLDER);
  if (type === 'bearer') return { type, tokenFile: file };
  return { type, username: username ?? USER_PLACEHOLDER, passwordFile: file };
}
