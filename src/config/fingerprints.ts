import { createHash } from 'node:crypto';
import type { Fingerprints } from '../domain/diagnosis/host-differences.js';
import type { Credentials, DiscoverySettings, SpaceSettings } from '../domain/model/space.js';
import type { WebhookSettings } from '../domain/webhooks/webhook.js';
import type { Config } from './schema.js';

/** Enough for nobody to take one configuration for another by chance. */
const DIGITS = 16;
/**
 * Enough for two secrets to differ nearly always, and too few to try out any: of those that somebody could guess, one in 65,536 has
 * the same.
 */
const DIGITS_OF_SECRET = 4;

/**
 * Returns a fingerprint of each section that hosts over one index have to have alike. No password takes part, since whoever
 * reads a fingerprint could try others by it, nor does a path of a file, which may be another one on each host. Of what opens
 * a webhook's receiver, its URL included, so little does that it tells only whether it is the same.
 */
export function fingerprintsOf(config: Config): Fingerprints {
  const { spaces, discoveries, userFolders, publicUsers, crawl, describe, maintenance, link, auth, api, webhooks } =
    config;
  return {
    spaces: printOf([
      spaces.map(spaceFacts).toSorted(byName),
      discoveries.map(discoveryFacts),
      userFolders.map(({ url, describe: isDescribed }) => [url, isDescribed ?? null]),
    ]),
    crawl: printOf([
      [crawl.schedule, crawl.fullSchedule, crawl.poll, crawl.budget],
      crawl.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      [crawl.requestsPerHost, crawl.maxDepth, crawl.search, crawl.exclude, crawl.excludeDefaults],
      [describe, maintenance],
    ]),
    link: printOf(link.origins.map(({ url }) => url)),
    auth: printOf([
      auth.issuers.map(({ issuer, audience, userClaim, admin }) => [issuer, audience, userClaim, admin]),
      [auth.failedLogIns, auth.forwardClientAddress, auth.keepAppPasswords],
    ]),
    api: printOf([api.catalogue, publicUsers.toSorted()]),
    webhooks: printOf(webhooks.map(webhookFacts).toSorted(byName)),
  };
}

/** The first tells entries of a list apart. */
type Facts = readonly [name: string, ...others: unknown[]];

const byName = ([a]: Facts, [b]: Facts) => (a < b ? -1 : 1);

const spaceFacts = ({ user, url, auth, describe }: SpaceSettings): Facts => [
  user,
  url,
  accountOf(auth),
  describe ?? null,
];

function discoveryFacts(discovery: DiscoverySettings): readonly unknown[] {
  const { url, auth, kind, groups, spaceUrl, below, exclude, spaceAuth, describe } = discovery;
  const ofSpaces = spaceAuth === undefined ? null : 'perUser' in spaceAuth ? 'per user' : accountOf(spaceAuth);
  return [url, accountOf(auth), kind, groups, spaceUrl, below, exclude, ofSpaces, describe];
}

function webhookFacts({ name, url, secret, users, events, allowPrivate }: WebhookSettings): Facts {
  const opens = printOf([url, Buffer.from(secret).toString('base64')], DIGITS_OF_SECRET);
  return [name, opens, users?.toSorted() ?? null, events.toSorted(), allowPrivate];
}

function accountOf(auth: Credentials): readonly string[] {
  return 'username' in auth ? [auth.type, auth.username] : [auth.type];
}

function printOf(facts: unknown, digits = DIGITS): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, digits);
}
