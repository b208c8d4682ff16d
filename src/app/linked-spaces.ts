import type { Logger } from 'pino';
import { type LinkKeys, linkKeyPlace, NO_LINK_KEYS, readLinkKeys } from '../auth/link-keys.js';
import type { Config } from '../config/schema.js';
import type { LinkRecord, OpenedLink } from '../domain/model/link.js';
import type { LinkCounts } from '../domain/model/measurements.js';
import type { SpaceSettings } from '../domain/model/space.js';
import { withLinks } from '../domain/policy/linking.js';
import type { LinkStore } from '../domain/ports/link-store.js';
import { counted } from '../domain/text/counted.js';

/** What an app password is bound to: a row that is altered to belong to somebody else opens no longer. */
export function aboutLink({ user, server, loginName }: Pick<LinkRecord, 'user' | 'server' | 'loginName'>): string[] {
  return [user, server, loginName];
}

/** Decrypts a link, as far as a key opens it. */
export function openLink({ keyId, sealed, ...link }: LinkRecord, keys: LinkKeys): OpenedLink {
  return { ...link, password: keys.open({ keyId, sealed }, aboutLink(link)) };
}

/** The configured spaces together with those of users' links. */
export interface LinkedSpaces {
  read(config: Pick<Config, 'spaces' | 'link' | 'data'>): Promise<readonly SpaceSettings[]>;
  /** Returns the numbers of links that were last read; nothing if none may be linked. */
  counts(): { readonly links?: LinkCounts };
}

/** Adds users' links to configured spaces; warns when the number of links changes that no key opens. */
export function createLinkedSpaces(links: Pick<LinkStore, 'list'>, logger: Pick<Logger, 'warn'>): LinkedSpaces {
  let counts: LinkCounts | null = null;
  return {
    async read({ spaces, link, data }) {
      if (link.origins.length === 0) return spaces;
      const place = linkKeyPlace(data.directory, link.keyFile);
      const keys = (await readLinkKeys(place)) ?? NO_LINK_KEYS;
      const opened = (await links.list()).map((record) => openLink(record, keys));
      const lost = opened.filter(({ password }) => password === null).length;
      if (lost > 0 && lost !== counts?.lost) logger.warn({ file: place.file }, lostLinks(lost));
      counts = { readable: opened.length - lost, lost };
      return withLinks(spaces, link.origins, opened);
    },
    counts: () => (counts === null ? {} : { links: counts }),
  };
}

/** Says in words that links can't be read, and what can be done. */
export function lostLinks(count: number): string {
  const [those, their] = count === 1 ? ['its user has', 'it was'] : ['their users have', 'they were'];
  return `the key of ${counted(count, 'linked space')} is missing: ${those} to connect the storage again, unless the key file with which ${their} encrypted is restored, or its lines are added to the present one`;
}
