import type { Logger } from 'pino';
import { loadLinkKeys, NO_LINK_KEYS, readLinkKeys } from '../auth/link-keys.js';
import type { Config } from '../config/schema.js';
import type { Audit } from '../domain/model/audit.js';
import type { LinkGrant, LinkOrigin, LinkRecord, LinkVia, OpenedLink } from '../domain/model/link.js';
import { baseOf, chooseOrigin, isTaken, refusalOfGrant } from '../domain/policy/linking.js';
import type { Clock, Sleep } from '../domain/ports/clock.js';
import type { ImageCatalogue } from '../domain/ports/image-catalogue.js';
import type { LinkWriter } from '../domain/ports/link-store.js';
import type { Links } from '../domain/ports/links.js';
import type { NextcloudClient } from '../webdav/nextcloud-client.js';
import { createLinkFlows } from './link-flows.js';
import { keyPlaceOf, revokeLink } from './link-keeping.js';
import { aboutLink, openLink } from './linked-spaces.js';

export interface LinksDeps {
  /** The settings that are in effect. */
  readonly config: () => Pick<Config, 'spaces' | 'link' | 'data'>;
  readonly client: NextcloudClient;
  readonly links: LinkWriter;
  readonly catalogue: Pick<ImageCatalogue, 'space'>;
  /** Takes over which spaces there are, after a link was stored or removed. */
  readonly onChange: () => Promise<void>;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly logger: Logger;
}

/** A link that is stored again and again meets a rotation of keys each time; that would not be one any more. */
const MOST_ROTATIONS = 5;
const NO_LINK = { link: null, isReadable: true, pending: null, failure: null };

/** Lets users connect their own storage, in the crawler's thread. */
export function createLinks(deps: LinksDeps): Links & { stop(): Promise<void> } {
  const { config, client, links, catalogue, audit, clock, logger } = deps;
  const stopping = new AbortController();
  const failures = new Map<string, string>();
  const keyPlace = () => keyPlaceOf(config());
  const openers = async () => (await readLinkKeys(keyPlace())) ?? NO_LINK_KEYS;

  /** Encrypts and stores an app password. If the keys are replaced meanwhile, it is stored once more, with the new one. */
  const store = async (link: Omit<LinkRecord, 'keyId' | 'sealed'>, password: string) => {
    for (let time = 0; time < MOST_ROTATIONS; time++) {
      const { keyId, sealed } = (await loadLinkKeys(keyPlace())).seal(password, aboutLink(link));
      await links.put({ ...link, keyId, sealed });
      if ((await loadLinkKeys(keyPlace())).ids[0] === keyId) return;
    }
  };

  const revoke = (link: Pick<OpenedLink, 'server' | 'loginName' | 'password'>) =>
    revokeLink(config(), link, client, stopping.signal);

  const keep = async (user: string, origin: LinkOrigin, grant: Omit<LinkGrant, 'server'>, via: LinkVia) => {
    const { loginName, appPassword } = grant;
    const before = await links.find(user);
    const server = baseOf(origin.url) ?? '';
    await store({ user, server, loginName, via, linkedAt: clock() }, appPassword);
    failures.delete(user);
    audit({
      act: before === null ? 'link' : 'link renew',
      by: user,
      from: via,
      details: { server },
      outcome: 'done',
    });
    await deps.onChange();
    if (before === null) return;
    // It is no longer used; a refused one is gone already.
    await revoke(openLink(before, await openers()));
  };

  const flows = createLinkFlows({
    ...deps,
    cloudAt: (origin) => client.at(origin),
    async onGrant(user, origin, grant) {
      const refusal = refusalOfGrant(origin, user, grant);
      try {
        if (refusal === null) return await keep(user, origin, grant, 'browser');
        failures.set(user, refusal);
        audit({ act: 'link', by: user, from: 'browser', details: { server: baseOf(origin.url) }, outcome: refusal });
      } catch (error) {
        failures.set(user, 'the app password could not be stored; please try again');
        logger.error({ err: error }, 'a link could not be stored');
      }
      const { loginName, appPassword } = grant;
      await revoke({ server: baseOf(origin.url) ?? '', loginName, password: appPassword });
    },
    onExpired: (user) => void failures.set(user, 'nobody has agreed in the browser in time'),
  });

  const takenFrom = async (user: string) => {
    const { spaces, link } = config();
    return isTaken(
      user,
      link.origins,
      spaces.find((space) => space.user === user),
      await catalogue.space(user),
    );
  };

  const standing: Links['linkStanding'] = async (user) => {
    const record = await links.find(user);
    const about = { pending: flows.pending(user), failure: failures.get(user) ?? null };
    if (record === null) return { ...NO_LINK, ...about, isTaken: await takenFrom(user) };
    const { password, ...link } = openLink(record, await openers());
    return { link, isReadable: password !== null, ...about, isTaken: await takenFrom(user) };
  };

  return {
    linkStanding: standing,
    async startLink({ user, server }) {
      const origin = chooseOrigin(config().link.origins, server);
      if ('problem' in origin) return { failure: 'invalid', detail: origin.problem };
      if (await takenFrom(user)) return { failure: 'taken', detail: 'an administrator has configured your space' };
      const begun = await flows.begin(user, origin, stopping.signal);
      if ('failure' in begun) return begun;
      failures.delete(user);
      return { standing: await standing(user) };
    },
    async endLink(user) {
      const record = await links.find(user);
      const isPending = flows.cancel(user);
      failures.delete(user);
      if (record === null) return isPending ? { unrevoked: null } : null;
      const opened = openLink(record, await openers());
      await links.remove(user);
      // Whatever becomes of the crawl, the app password is of no more use.
      const [, unrevoked] = await Promise.all([deps.onChange(), revoke(opened)]);
      return { unrevoked };
    },
    async stop() {
      stopping.abort(new Error('the daemon stops'));
      await flows.stop();
    },
  };
}
