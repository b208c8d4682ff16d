import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import { sleepInRealTime } from '../../../src/webdav/transport/sleep.js';
import { makeSharedDirectory, writeAwkwardTree } from '../../support/awkward-tree.js';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { apacheMissing, startApache } from '../../support/servers/apache.js';
import type { ServerProcess } from '../../support/servers/server-process.js';
import { createTestWebdav, failureOf, NEVER, openAt } from '../../webdav/open-store.js';

const PASSWORD = 'geheim-ü';
const AT_ONCE = 16;
/** Three nonces long, and some more. */
const CRAWL_MS = 3_500;

describeInstalled('an Apache with Digest and nonces that live a second', [apacheMissing], () => {
  const cleanup = createCleanup();
  let apache: ServerProcess;

  beforeAll(async () => {
    const directory = makeSharedDirectory();
    cleanup.add(() => rmSync(directory, { recursive: true }));
    writeAwkwardTree(directory, { collections: 40, files: 400, seed: 7 });
    apache = await startApache({ directory, auth: { username: 'jm', password: PASSWORD, nonceLifetimeS: 1 } });
    cleanup.add(() => apache.stop());
  });

  afterAll(() => cleanup.run());

  const open = (password: string) => {
    const webdav = createTestWebdav({
      requestsPerHost: AT_ONCE,
      clock: Date.now,
      steadyClock: Date.now,
      sleep: sleepInRealTime,
    });
    return openAt(apache.url, { webdav, auth: { type: 'digest', username: 'jm', password } });
  };

  it('loses no listing of many at once, however often the nonce expires', async () => {
    const store = open(PASSWORD);
    const until = Date.now() + CRAWL_MS;
    const failures: string[] = [];
    let listings = 0;
    const crawl = async () => {
      const waiting: ResourcePath[] = ['' as ResourcePath];
      for (let next = waiting.pop(); next !== undefined && Date.now() < until; next = waiting.pop()) {
        const { verdict, collections } = await store.list(next, NEVER);
        listings++;
        if (!verdict.complete) failures.push(verdict.detail);
        waiting.push(...collections.map(({ path }) => path));
        if (waiting.length === 0) waiting.push('' as ResourcePath);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, crawl));
    expect(failures).toEqual([]);
    expect(listings).toBeGreaterThan(AT_ONCE * 3);
  });

  it('is not asked again once it has refused a password', async () => {
    const store = open('wrong');
    for (let i = 0; i < 3; i++) {
      expect(failureOf(await store.list('' as ResourcePath, NEVER)).failure).toBe('unauthorized');
    }
  });
});
