import {
  addLinkKey,
  dropOldLinkKeys,
  type LinkKeys,
  linkKeyPlace,
  NO_LINK_KEYS,
  readLinkKeys,
} from '../auth/link-keys.js';
import type { Config } from '../config/schema.js';
import type { OpenedLink, Revoked } from '../domain/model/link.js';
import { originAt } from '../domain/policy/linking.js';
import type { LinkStore, Resealed } from '../domain/ports/link-store.js';
import { revokeAppPassword } from '../webdav/nextcloud/app-password.js';
import { createNextcloudClient, type NextcloudClient } from '../webdav/nextcloud-client.js';
import { aboutLink, openLink } from './linked-spaces.js';

/** What a rotation has done. */
export interface Rotated {
  /** Links that are now sealed with the new key. */
  readonly links: number;
  /** Links that no key opens; their users have to connect again. */
  readonly unreadable: number;
  /** The file whose other lines an administrator has to remove, since it is not the program's own; or null. */
  readonly leftIn: string | null;
}

/** The name that users see beside the app password in their settings. */
export const LINK_AGENT = 'ovadex';

/** Links sealed in one transaction: a few milliseconds, so that a crawl's commits wait no longer. */
const AT_ONCE = 200;

type Place = Pick<Config, 'link' | 'data'>;

export function keyPlaceOf({ data, link }: Place) {
  return linkKeyPlace(data.directory, link.keyFile);
}

/**
 * Replaces the key of all links, while a daemon may run: a new key is put before the old one, each link is sealed with it,
 * and only then the old one is dropped. If it is interrupted, both keys open, and the next call goes on.
 */
export async function rotateLinkKey(config: Place, links: LinkStore, signal: AbortSignal): Promise<Rotated> {
  const place = keyPlaceOf(config);
  const keys = await addLinkKey(place);
  const first = await sealAll(links, keys, signal);
  await dropOldLinkKeys(place);
  // A daemon that had read the file before it changed may have stored a link meanwhile; the old key is still at hand here.
  const late = await sealAll(links, keys, signal);
  const hasOthers = !place.isOwn && keys.ids.length > 1;
  return { links: first.links + late.links, unreadable: late.unreadable, leftIn: hasOthers ? place.file : null };
}

async function sealAll(links: LinkStore, keys: LinkKeys, signal: AbortSignal) {
  const [newest = ''] = keys.ids;
  let [done, unreadable, after] = [0, 0, ''];
  for (;;) {
    signal.throwIfAborted();
    const some = await links.sealedByOthers(newest, after, AT_ONCE);
    const last = some.at(-1);
    if (last === undefined) return { links: done, unreadable };
    const changes = some.flatMap((before): Resealed[] => {
      const { password } = openLink(before, keys);
      return password === null ? [] : [{ before, ...keys.seal(password, aboutLink(before)) }];
    });
    await links.reseal(changes);
    done += changes.length;
    unreadable += some.length - changes.length;
    after = last.user;
  }
}

/** Reads the keys that open links. Throws OvadexError `config` if the key file can't be used. */
export async function keysOfLinks(config: Place): Promise<LinkKeys> {
  return (await readLinkKeys(keyPlaceOf(config))) ?? NO_LINK_KEYS;
}

/** Decrypts all links, as far as keys open them. Throws OvadexError `config` if the key file can't be used. */
export async function openLinks(config: Place, links: Pick<LinkStore, 'list'>): Promise<readonly OpenedLink[]> {
  const keys = await keysOfLinks(config);
  return (await links.list()).map((record) => openLink(record, keys));
}

/** Ends a link's app password at its storage. */
export async function revokeLink(
  config: Pick<Config, 'link'>,
  { server, loginName, password }: Pick<OpenedLink, 'server' | 'loginName' | 'password'>,
  client: NextcloudClient,
  signal: AbortSignal,
): Promise<Revoked> {
  const origin = originAt(config.link.origins, server);
  if (origin === null) return { outcome: 'failed', detail: 'that storage is no longer one that may be linked' };
  if (password === null) return { outcome: 'failed', detail: 'no key opens it' };
  return await revokeAppPassword(client.at(origin), server, { username: loginName, password }, signal);
}

/** Does the same for a command, over connections of its own; returns why it could not, or null. */
export async function revokeLinkOnce(config: Pick<Config, 'link'>, link: OpenedLink): Promise<string | null> {
  const client = createNextcloudClient({ userAgent: LINK_AGENT });
  try {
    const ended = await revokeLink(config, link, client, new AbortController().signal);
    return ended.outcome === 'failed' ? ended.detail : null;
  } finally {
    await client.close();
  }
}
