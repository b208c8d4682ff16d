/** Syncs one space until nothing waits, in a process that may be killed at any moment. Its argument is a `ChildPlan`. */

import { openIndex } from '../../src/app/open-index.js';
import { createCrawlTally } from '../../src/crawl/crawl-metrics.js';
import { type CrawlDeps, LEASE_MS, openSync, settleSync } from '../../src/crawl/sync-run.js';
import { createWebdav } from '../../src/webdav/client.js';
import { quietLogger } from '../support/quiet-logger.js';
import { USER } from './stage.js';

export interface ChildPlan {
  readonly directory: string;
  readonly url: string;
  /** How far its clock is ahead: the lease of the one that was killed before has run out by then. */
  readonly aheadMs: number;
  readonly requestsPerSpace: number;
}

const plan = JSON.parse(process.argv[2] ?? '{}') as ChildPlan;
const clock = () => Date.now() + plan.aheadMs;
const index = await openIndex({ data: { directory: plan.directory } }, { clock });
const webdav = createWebdav({
  timeouts: { connectMs: 5_000, firstByteMs: 5_000, silenceMs: 5_000, totalMs: 10_000 },
  requestsPerHost: plan.requestsPerSpace,
  exclude: () => false,
  readSecret: async () => ({ problem: 'is not used here' }),
  clock,
  steadyClock: () => performance.now(),
  random: Math.random,
  userAgent: 'ovadex/soak',
});
const settings = { user: USER, url: plan.url, auth: { type: 'none' }, watchDirectory: null } as const;
const [space] = await index.spaces.configure([settings], 'rules', clock());
if (space === undefined) throw new Error('the space was not registered');
const deps: CrawlDeps = {
  spaces: [settings],
  discoveries: [],
  limits: {
    schedule: '0 0 1 1 *',
    fullSchedule: '0 0 1 1 *',
    poll: null,
    spacesAtOnce: 1,
    requestsPerSpace: plan.requestsPerSpace,
    maxDepth: 20,
    search: 'auto',
  },
  isExcluded: () => false,
  rules: 'rules',
  storage: { open: (place) => webdav.open(place), childUrl: (base, name) => `${base}${name}/` },
  catalogue: index.catalogue,
  index: index.images,
  registry: index.spaces,
  log: index.syncs,
  tally: createCrawlTally(),
  owner: `process ${process.pid}`,
  clock,
  sleep: async () => undefined,
  logger: quietLogger,
};

await index.syncs.request({ spaceId: space.id, mode: 'full', trigger: 'command', requestedBy: null, targets: [] });
const signal = new AbortController().signal;
const claim = () => index.syncs.claim({ owner: deps.owner, leaseMs: LEASE_MS });
for (let claimed = await claim(); claimed !== null; claimed = await claim()) {
  const run = claimed;
  await settleSync(run, () => openSync(deps, { space, settings }, run, signal), deps);
}
await webdav.close();
await index.close();
