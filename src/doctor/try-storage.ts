import { createStorage } from '../app/crawler.js';
import type { Config } from '../config/schema.js';
import { isNextcloudUrl } from '../domain/hosts/requests-at-once.js';
import { ROOT } from '../domain/model/path.js';
import type { UserFolder } from '../domain/model/space.js';
import { urlOfUser } from '../domain/model/user-auth.js';
import { troubleOfRoot } from '../domain/reconcile/unmarked-root.js';
import type { Webdav } from '../webdav/client.js';

/**
 * Lists the root of the first space, or the folder of the first discovery; of a Nextcloud whose users are yet to come, it
 * asks whether it is one. Returns what is wrong, or null.
 */
export async function tryStorage(config: Config, signal: AbortSignal): Promise<string | null> {
  const [discovery] = config.discoveries;
  const [space = discovery] = config.spaces;
  const [server] = [...config.userFolders, ...config.link.origins];
  if (space === undefined && server === undefined) return null;
  const webdav = createStorage(config, Date.now);
  try {
    if (space === undefined) return server === undefined ? null : await tryServer(webdav, server, signal);
    const store = webdav.open(space);
    const trouble = troubleOfRoot(await store.list(ROOT, signal), space === discovery ? 'discovery' : 'space');
    await store.close();
    return trouble === null ? null : `${space.url}: ${trouble.detail}`;
  } finally {
    await webdav.close();
  }
}

/** Asks a Nextcloud whose users are not known yet for its state, which takes no credentials. */
async function tryServer(
  webdav: Pick<Webdav, 'isInMaintenance'>,
  { url, connection }: Pick<UserFolder, 'url' | 'connection'>,
  signal: AbortSignal,
): Promise<string | null> {
  if (!isNextcloudUrl(url)) return null;
  const place = { url: urlOfUser(url, 'user'), auth: { type: 'none' }, ...(connection && { connection }) } as const;
  if ((await webdav.isInMaintenance(place, signal)) !== null) return null;
  return `${new URL(place.url).origin}: no Nextcloud answers there (status.php)`;
}
