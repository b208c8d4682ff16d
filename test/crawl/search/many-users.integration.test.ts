import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createCrawler } from '../../../src/app/crawler.js';
import { loadConfig } from '../../../src/config/load.js';
import { requestsAtOnce } from '../../../src/domain/hosts/requests-at-once.js';
import { createNextcloud } from '../../support/nextcloud/cloud.js';
import { quietLogger } from '../../support/quiet-logger.js';
import { sizeOf } from '../../support/thorough.js';

const USERS = sizeOf(1_000, 12);
const ROUND = 15 * 60_000;

it(`${USERS} users of whom none ever changes anything cost one request each a round, and never many at once`, {
  timeout: 180_000,
}, async () => {
  let now = Date.UTC(2026, 10, 23);
  const users = Array.from({ length: USERS }, (_, n) => `user${n}`);
  const cloud = await createNextcloud({ users: Object.fromEntries(users.map((user) => [user, {}])), now: () => now });
  for (const user of users) cloud.user(user).put('images/x.ova', { sizeBytes: 10 });
  now += ROUND;
  const directory = mkdtempSync(join(tmpdir(), 'ovadex-users-'));
  const file = join(directory, 'ovadex.yaml');
  const spaces = users.map((user) => {
    const { secret } = cloud.user(user).mintAppPassword();
    const auth = { type: 'basic', username: user, password: secret };
    return `  - ${JSON.stringify({ user, url: cloud.user(user).url, auth })}\n`;
  });
  writeFileSync(file, `data: { directory: "${directory}" }\nspaces:\n${spaces.join('')}`);
  const crawler = await createCrawler(await loadConfig(file), { logger: quietLogger, clock: () => now });
  onTestFinished(async () => {
    await crawler.stop();
    await cloud.close();
    rmSync(directory, { recursive: true });
  });
  const { signal } = new AbortController();

  /** Syncs all spaces; returns how many requests each took, as a set, and how many were in flight at most. */
  const round = async (mode: 'incremental' | 'full' = 'incremental') => {
    now += ROUND;
    cloud.forgetRequests();
    const syncs = await crawler.syncNow({ users: 'all', mode, signal, onProgress: () => undefined });
    expect(new Set(syncs.map(({ status }) => status))).toEqual(new Set(['PROCESSED']));
    const byUser = new Map<string | null, number>();
    for (const { user } of cloud.requests) byUser.set(user, (byUser.get(user) ?? 0) + 1);
    expect(byUser.size).toBe(USERS);
    expect(cloud.peakInFlight).toBeLessThanOrEqual(requestsAtOnce('auto', 'crawl', true));
    return new Set(byUser.values());
  };

  // The first night: the search that shows the list, the root and the folder, and the search that is compared with them.
  expect(await round('full')).toEqual(new Set([4]));
  expect(await round()).toEqual(new Set([1]));
  expect(await round()).toEqual(new Set([1]));
});
