import { createHash } from 'node:crypto';
import type { Fingerprints } from '../domain/diagnosis/host-differences.js';
import type { Credentials, DiscoverySettings, SpaceSettings } from '../domain/model/space.js';
import type { Config } from './schema.js';

/** Enough for nobody to take one configuration for another by chance. */
const DIGITS = 16;

/**
 * Returns a fingerprint of each section that hosts over one index have to have alike. No secret takes part, since whoever
 * reads a fingerprint could try passwords by it, nor does a path of a file, which may be another one on each host.
 */
export function fingerprintsOf(config: Config): Fingerprints {
  const { spaces, discoveries, userFolders, publicUsers, crawl, describe, maintenance, link, auth, api } = config;
  return {
    spaces: printOf([
      spaces.map(spaceFacts).toSorted(byUser),
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
  };
}

type Facts = readonly [user: string, ...others: unknown[]];

const byUser = ([a]: Facts, [b]: Facts) => (a < b ? -1 : 1);

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

function accountOf(auth: Credentials): readonly string[] {
  return 'username' in auth ? [auth.type, auth.username] : [auth.type];
}

function printOf(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, DIGITS);
}
