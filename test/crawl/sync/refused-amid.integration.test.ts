import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createCrawler } from '../../../src/app/crawler.js';
import { loadConfig } from '../../../src/config/load.js';
import { createNextcloud } from '../../support/nextcloud/cloud.js';
import { quietLogger } from '../../support/quiet-logger.js';

it.each(['full', 'incremental'] as const)(
  'an app password that is revoked in the middle of a %s sync uses up no more log-ins than were on their way, and one',
  { timeout: 60_000 },
  async (mode) => {
    let onRequest: (path: string) => void = () => undefined;
    const cloud = await createNextcloud({
      users: { jm: {}, lab: {} },
      interpose: async ({ path }) => {
        onRequest(path);
        return null;
      },
    });
    const [jm, lab] = [cloud.user('jm'), cloud.user('lab')];
    for (let n = 0; n < 60; n++) jm.put(`leaf${n}/x.ova`);
    lab.put('y.ova');
    const directory = mkdtempSync(join(tmpdir(), 'ovadex-refused-'));
    const given = jm.mintAppPassword();
    const spaceOf = (name: string, url: string, password: string) =>
      `{ user: ${name}, url: "${url}", auth: { type: basic, username: ${name}, password: ${JSON.stringify(password)} } }`;
    const spaces = [spaceOf('jm', jm.url, given.secret), spaceOf('lab', lab.url, lab.mintAppPassword().secret)];
    const file = join(directory, 'ovadex.yaml');
    writeFileSync(file, `data: { directory: "${directory}" }\nspaces: [ ${spaces.join(', ')} ]\n`);
    const crawler = await createCrawler(await loadConfig(file), { logger: quietLogger });
    onTestFinished(async () => {
      await crawler.stop();
      await cloud.close();
      rmSync(directory, { recursive: true });
    });
    const { signal } = new AbortController();
    const sync = async (user: string) =>
      (await crawler.syncNow({ users: [user], mode, signal, onProgress: () => undefined }))[0];

    let asked = 0;
    onRequest = (path) => {
      if (path.includes('/jm/') && ++asked === 20) jm.revoke(given);
    };
    const refused = await sync('jm');
    expect(refused).toMatchObject({ status: 'ERROR', errors: [expect.stringContaining('401')] });
    // Four requests at a time by default.
    expect(cloud.throttle.attempts('127.0.0.1')).toBeLessThanOrEqual(5);
    expect(await sync('lab')).toMatchObject({ status: 'PROCESSED', counts: { added: 1 } });
  },
);
