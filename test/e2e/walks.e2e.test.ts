import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCleanup } from '../support/cleanup.js';
import { startDavServer } from '../support/dav-server/dav-server.js';
import { installOvadex } from '../support/process/ovadex.js';
import { overhear } from '../support/secrets.js';
import { endChild } from '../support/servers/server-process.js';

const RECORDER = new URL('../support/process/walk-recorder.mjs', import.meta.url).href;
const HOUSE = readFileSync(fileURLToPath(new URL('../../src/README.md', import.meta.url)), 'utf8');
/** A busy machine takes longer to start, and to crawl. */
const SOON = { timeout: 20_000, interval: 50 };
/** What a request leaves behind is over by then. */
const SETTLED_MS = 100;
/** What runs by a timer has no part in all of so many. */
const TIMES = 4;

type Thread = 'api' | 'crawler';

const cleanup = createCleanup();
afterAll(() => cleanup.run());

let walk: (thread: Thread, step: (n: number) => Promise<unknown>) => Promise<readonly string[]>;
let ask: (path: string, init?: RequestInit) => Promise<string>;
let put: (path: string) => void;

beforeAll(async () => {
  const dav = await startDavServer();
  cleanup.add(dav.close);
  put = (path) => dav.tree.put(`jm/${path}`, { size: 10 });
  for (let n = 0; n < 12; n++) put(`lab/image ${n}.ova`);
  const ovadex = await installOvadex();
  cleanup.add(ovadex.remove);
  ovadex.configure({
    describe: { enabled: false },
    spaces: [{ user: 'jm', url: `${dav.url}jm/` }],
    log: { level: 'warn' },
  });
  await ovadex.sync('jm');
  const { token } = await ovadex.createToken('jm');
  const daemon = spawn(process.execPath, ['--import', RECORDER, ...ovadex.argv('serve')], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  overhear(daemon);
  cleanup.add(() => endChild(daemon));

  ask = async (path, init = {}) => {
    const headers = { authorization: `Bearer ${token}`, ...init.headers };
    const response = await fetch(`http://127.0.0.1:${ovadex.port}${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return await response.text();
  };
  const take = async (thread: Thread): Promise<readonly string[]> => {
    daemon.send(thread);
    const [files] = (await once(daemon, 'message')) as [readonly string[]];
    return files;
  };
  walk = async (thread, step) => {
    let common: readonly string[] | undefined;
    for (let n = 0; n < TIMES; n++) {
      await delay(SETTLED_MS);
      await take(thread);
      await step(n);
      await delay(SETTLED_MS);
      const files = await take(thread);
      common = common === undefined ? files : common.filter((file) => files.includes(file));
    }
    return [...(common ?? [])].sort();
  };
  await vi.waitFor(() => ask('/readyz'), SOON);
  // A change can be dated in a later second than its own; the space is in memory from the second question on, and
  // its images are written as JSON for the third.
  await delay(1_000);
  for (const name of ['image', 'lab', 'ova']) await ask(`/v2/image?name=${name}`);
}, 60_000);

/** The files that the house's own words name below a heading, in their order. */
function written(heading: string): readonly string[] {
  const section = HOUSE.split(/^#{2,3} /m).find((text) => text.startsWith(heading)) ?? '';
  return [...section.matchAll(/`((?:[a-z]+\/)[\w/-]+)`/g)].map(([, file]) => file as string);
}

describe('the way of', () => {
  it('a first question is the one that is written down', async () => {
    const files = await walk('api', (n) => ask(`/v2/image?name=image+${n}`));
    expect(files).toEqual([...written('A first question')].sort());
    expect(files.length).toBeLessThanOrEqual(25);
  });

  it('a question that comes again is the one that is written down', async () => {
    for (let n = 0; n < 3; n++) await ask('/v2/image?name=image');
    const files = await walk('api', () => ask('/v2/image?name=image'));
    expect(files).toEqual([...written('The same question again')].sort());
    expect(files.length).toBeLessThanOrEqual(10);
  });

  it('a listing to a row that is committed is the one that is written down', async () => {
    const files = await walk('crawler', async (n) => {
      put(`lab/new ${n}.ova`);
      await ask('/v2/user/image/vm', { method: 'PATCH' });
      await expect.poll(() => ask(`/v2/image?name=new+${n}`), SOON).toContain(`new ${n}.ova`);
      await delay(SETTLED_MS);
    });
    // A whole sync runs beside it: what plans it, counts it and tells of it, and what waits where the machine is busy.
    expect(written('A listing').length).toBeGreaterThan(20);
    expect(written('A listing').filter((file) => !files.includes(file))).toEqual([]);
    expect(files.length).toBeLessThanOrEqual(125);
  }, 60_000);
});
