import type { Logger } from 'pino';
import { loadLinkKeys } from '../auth/link-keys.js';
import { createRevocations } from '../auth/revocations.js';
import type { Config } from '../config/schema.js';
import type { Audit } from '../domain/model/audit.js';
import type { LinkGrant, LinkOrigin, LinkRecord, LinkVia, OpenedLink } from '../domain/model/link.js';
import type { SpaceSettings } from '../domain/model/space.js';
import {
  baseOf,
  chooseOrigin,
  isLinkRefused,
  isTaken,
  loginNameOf,
  originOfLogIn,
  refusalOfGrant,
} from '../domain/policy/linking.js';
import type { Clock, Sleep } from '../domain/ports/clock.js';
import type { ImageCatalogue } from '../domain/ports/image-catalogue.js';
import type { LinkWriter } from '../domain/ports/link-store.js';
import type { KeptPassword, Links } from '../domain/ports/links.js';
import { exchangePassword } from '../webdav/nextcloud/app-password.js';
import type { NextcloudClient } from '../webdav/nextcloud-client.js';
import { createLinkFlows } from './link-flows.js';
import { keyPlaceOf, keysOfLinks, revokeLink } from './link-keeping.js';
import { aboutLink, openLink } from './linked-spaces.js';
import { createTurnsByKey } from './turns-by-key.js';

export interface LinksDeps {
  /** The settings that are in effect. */
  readonly config: () => Pick<Config, 'link' | 'data'>;
  /** The spaces that the configuration has, by name and by files. */
  readonly configured: () => readonly SpaceSettings[];
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
  /** Log-ins of one user at the same time bring one app password. */
  const exchanging = new Map<string, Promise<KeptPassword>>();
  const keyPlace = () => keyPlaceOf(config());
  const openers = () => keysOfLinks(config());

  /**
   * Encrypts and stores an app password, and returns the link in whose place it is. If the keys are replaced meanwhile, it is
   * stored once more, with the new one.
   */
  const store = async (link: Omit<LinkRecord, 'keyId' | 'sealed'>, password: string): Promise<LinkRecord | null> => {
    let former: LinkRecord | null = null;
    for (let time = 0; time < MOST_ROTATIONS; time++) {
      const { keyId, sealed } = (await loadLinkKeys(keyPlace())).seal(password, aboutLink(link));
      const replaced = await links.put({ ...link, keyId, sealed });
      // Afterwards it is this very link.
      if (time === 0) former = replaced;
      if ((await loadLinkKeys(keyPlace())).ids[0] === keyId) break;
    }
    return former;
  };

  const revocations = createRevocations({
    ...deps,
    revoke: (link, signal) => revokeLink(config(), link, client, signal),
  });
  /** What changes a user's link: each sees what those before it have stored. */
  const turnOf = createTurnsByKey();

  const takenFrom = async (user: string) => {
    const space = deps.configured().find((each) => each.user === user);
    return isTaken(user, config().link.origins, space, await catalogue.space(user));
  };

  const isRefused = async (link: Pick<LinkRecord, 'user' | 'linkedAt'>) =>
    isLinkRefused(link, await catalogue.space(link.user));

  /** Stores a link in place of the user's former one, which another host may have stored just now, and returns that one. */
  const keep = async (user: string, origin: LinkOrigin, grant: Omit<LinkGrant, 'server'>, via: LinkVia) => {
    const { loginName, appPassword } = grant;
    const space = await catalogue.space(user);
    const server = baseOf(origin.url) ?? '';
    const before = await store({ user, server, loginName, via, linkedAt: clock() }, appPassword);
    failures.delete(user);
    await audit({
      act: before === null ? 'link' : 'link renew',
      by: user,
      from: via,
      details: { server },
      outcome: 'done',
    });
    return before && { link: openLink(before, await openers()), wasRefused: isLinkRefused(before, space) };
  };

  const takeOver = async (former: { readonly link: OpenedLink; readonly wasRefused: boolean } | null) => {
    await deps.onChange();
    if (former?.wasRefused === true) revocations.endRefused(former.link);
    else if (former !== null) await revocations.end(former.link);
  };

  const exchange = async (user: string, password: string): Promise<KeptPassword> => {
    const space = await catalogue.space(user);
    const origin = originOfLogIn(user, config().link.origins, space);
    if (origin === null || (await takenFrom(user))) return 'not-concerned';
    const server = baseOf(origin.url) ?? '';
    const record = await links.find(user);
    const isGood = record?.server === server && openLink(record, await openers()).password !== null;
    if (record !== null && isGood && !(await isRefused(record))) return 'kept';
    const loginName = loginNameOf(origin, user);
    const account = { username: loginName, password };
    const exchanged = await exchangePassword(client.at(origin), server, account, stopping.signal);
    if ('failure' in exchanged) {
      logger.info({ url: server, detail: exchanged.detail }, 'a log-in brought no app password');
      return exchanged.failure;
    }
    const given = { loginName, appPassword: exchanged.appPassword };
    const former = await keep(user, origin, given, 'log-in').catch(async (error: unknown) => {
      await revokeGrant(origin, given);
      throw error;
    });
    await takeOver(former);
    return 'kept';
  };

  const revokeGrant = async (origin: LinkOrigin, { loginName, appPassword }: Omit<LinkGrant, 'server'>) => {
    await revocations.end({ server: baseOf(origin.url) ?? '', loginName, password: appPassword });
  };

  const takeGrant = async (user: string, origin: LinkOrigin, grant: LinkGrant) => {
    const refusal = refusalOfGrant(origin, user, grant);
    try {
      if (refusal === null) {
        const former = await keep(user, origin, grant, 'browser');
        // It is stored, so it must not be revoked whatever happens now; changes are looked for every minute.
        return await takeOver(former).catch((err: unknown) => logger.error({ err }, 'a link is not in effect yet'));
      }
      failures.set(user, refusal);
      await audit({
        act: 'link',
        by: user,
        from: 'browser',
        details: { server: baseOf(origin.url) },
        outcome: refusal,
      });
    } catch (error) {
      failures.set(user, 'the app password could not be stored; please try again');
      logger.error({ err: error }, 'a link could not be stored');
    }
    await revokeGrant(origin, grant);
  };

  const remove = async (user: string, isPending: boolean) => {
    failures.delete(user);
    // Nothing is removed that could not be revoked then.
    const [space, keys] = await Promise.all([catalogue.space(user), openers()]);
    const record = await links.remove(user);
    if (record === null) return isPending ? { unrevoked: null } : null;
    const opened = openLink(record, keys);
    const wasRefused = isLinkRefused(record, space);
    if (wasRefused) revocations.endRefused(opened);
    // Whatever becomes of the crawl, the app password is of no more use.
    const [, unrevoked] = await Promise.all([deps.onChange(), wasRefused ? null : revocations.end(opened)]);
    return { unrevoked };
  };

  const flows = createLinkFlows({
    ...deps,
    cloudAt: (origin) => client.at(origin),
    onGrant: (user, origin, grant) => turnOf(user, () => takeGrant(user, origin, grant)),
    onUnwanted: revokeGrant,
    onExpired: (user) => void failures.set(user, 'nobody has agreed in the browser in time'),
  });

  const standing: Links['linkStanding'] = async (user) => {
    const record = await links.find(user);
    const about = { pending: flows.pending(user), failure: failures.get(user) ?? null };
    if (record === null) return { ...NO_LINK, ...about, isTaken: await takenFrom(user) };
    const { password, ...link } = openLink(record, await openers());
    return { link, isReadable: password !== null, ...about, isTaken: await takenFrom(user) };
  };

  return {
    linkStanding: standing,
    async keepPassword({ user, password }) {
      const work =
        exchanging.get(user) ?? turnOf(user, () => exchange(user, password)).finally(() => exchanging.delete(user));
      exchanging.set(user, work);
      return await work;
    },
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
      // A grant that is being stored just now has its turn before this one; one that comes later is no longer wanted.
      const isPending = flows.cancel(user);
      return await turnOf(user, () => remove(user, isPending));
    },
    async stop() {
      stopping.abort(new Error('the daemon stops'));
      await Promise.all([flows.stop(), revocations.stop()]);
    },
  };
}
