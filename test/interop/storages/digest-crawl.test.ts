import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { apacheMissing, startApache } from '../../support/servers/apache.js';
import { type FaultProxy, startFaultProxy } from '../scene/fault-proxy.js';
import { FAILED, type Scene, startScene, USER, WHOLE } from '../scene/scene.js';

const ACCOUNT = { username: 'lab', password: 'the right one: "ü"' };
/** The shortest that Apache knows. */
const NONCE_LIFETIME_S = 1;
/** The nonce of a crawl that takes so long is refused again and again. */
const LONG_CRAWL_MS = 3_000;
const LATENCY_MS = 150;
/** One request for each, eight at once: they take longer than `LONG_CRAWL_MS`. */
const COLLECTIONS = 180;

describeInstalled('Digest on an Apache whose nonces live for a second', [apacheMissing], () => {
  const cleanup = createCleanup();
  let scene: Scene;
  let proxy: FaultProxy;

  beforeAll(async () => {
    const auth = { ...ACCOUNT, nonceLifetimeS: NONCE_LIFETIME_S };
    scene = await startScene(
      { start: ({ directory }) => startApache({ directory, auth }), memoryMs: 0 },
      {
        fill(directory) {
          for (let n = 1; n < COLLECTIONS; n++) {
            // Some lie in others; what stands in an href is hashed as it goes over the line.
            const path = join(directory, n % 4 === 0 ? `${n - 1} ü&#?%` : '', `${n} ü&#?%`);
            mkdirSync(path);
            writeFileSync(join(path, `${n}.ova`), `${n}`);
          }
        },
      },
    );
    cleanup.add(scene.end);
    proxy = await startFaultProxy(scene.server.url, { latencyMs: LATENCY_MS });
    cleanup.add(proxy.stop);
  });

  afterAll(() => cleanup.run());

  const useAccount = (account: typeof ACCOUNT) => {
    scene.ovadex.configure({ spaces: [{ user: USER, url: proxy.url, auth: { type: 'digest', ...account } }] });
  };
  const stateOfSpace = async () => {
    const { stdout } = await scene.ovadex.run('spaces', '--json');
    const { spaces } = JSON.parse(stdout) as { spaces: { state: string }[] };
    return spaces.map(({ state }) => state);
  };

  beforeEach(() => proxy.forgetAnswers());

  it('loses no listing of a crawl that outlives several of them', async () => {
    useAccount(ACCOUNT);
    const startedAt = Date.now();
    expect(await scene.sync('--full')).toMatchObject({ ...WHOLE, counts: { collections: COLLECTIONS, failures: 0 } });
    expect(Date.now() - startedAt).toBeGreaterThan(LONG_CRAWL_MS);
    await scene.expectTruth();
    expect(await stateOfSpace()).toEqual(['fresh']);
    const nonces = new Set(
      proxy.answers.map(({ authorization }) => /\bnonce="([^"]*)"/.exec(authorization ?? '')?.[1]),
    );
    expect(nonces.size).toBeGreaterThan(LONG_CRAWL_MS / (1000 * NONCE_LIFETIME_S));
  });

  it('suspends the space after one refused answer where the password is wrong', async () => {
    const before = await scene.images();
    useAccount({ ...ACCOUNT, password: 'the wrong one' });
    const run = await scene.sync('--full');
    expect(run).toMatchObject({ code: FAILED, errors: [expect.stringMatching(/answered 401 Unauthorized/)] });
    expect(proxy.answers.filter(({ authorization }) => authorization !== null)).toHaveLength(1);
    expect(await stateOfSpace()).toEqual(['suspended']);
    expect(await scene.images()).toEqual(before);
  });
});
