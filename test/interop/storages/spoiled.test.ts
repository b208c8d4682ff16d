import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSharedDirectory } from '../../support/awkward-tree.js';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { installOvadex, type Ovadex } from '../../support/process/ovadex.js';
import { apacheMissing, startApache } from '../../support/servers/apache.js';
import { INCOMPLETE, inOrder, type Scene, startScene, WHOLE } from '../scene/scene.js';
import { createSettledTimes } from '../scene/settled-times.js';
import { SPOILERS, type Spoiler } from '../scene/spoilers.js';
import { type SpoilingProxy, startSpoilingProxy } from '../scene/spoiling-proxy.js';

const ACCOUNT = { username: 'lab', password: 'only for "this" test: ü%' };
/** Whoever says nothing is not waited for; a busy machine answers in that time. */
const TIMEOUTS = { firstByte: '3s', silence: '3s' };
const folderOf = (spoiler: Spoiler) => `folder ${SPOILERS.indexOf(spoiler)}`;
const userOf = (spoiler: Spoiler) => `user${SPOILERS.indexOf(spoiler)}`;

/** Whether a warning speaks of a folder or of something in it. */
const isAbout = (folder: string) => (warning: string) =>
  ['', 'held: '].some((prefix) => [':', '/'].some((next) => warning.startsWith(`${prefix}/${folder}${next}`)));

function put(directory: string, ...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), `of ${path}`);
  }
}

describeInstalled("folders of an Apache's space whose listings are spoiled on their way", [apacheMissing], () => {
  const cleanup = createCleanup();
  const times = createSettledTimes();
  let scene: Scene;
  let proxy: SpoilingProxy;
  let ids: ReadonlyMap<string, number>;

  beforeAll(async () => {
    scene = await startScene(
      {
        memoryMs: 0,
        async start(options) {
          const apache = await startApache({ ...options, auth: ACCOUNT });
          cleanup.add(apache.stop);
          proxy = await startSpoilingProxy(apache.url);
          return { ...apache, url: proxy.url, stop: proxy.stop };
        },
      },
      {
        async fill(directory) {
          put(directory, 'top.ova', ...Array.from({ length: 20 }, (_, n) => `healthy/${n}/1.ova`));
          for (const folder of SPOILERS.map(folderOf)) put(directory, `${folder}/1.ova`, `${folder}/below/2.ova`);
          await times.settle(directory);
        },
        storage: { auth: { type: 'basic', ...ACCOUNT } },
        crawl: { timeouts: TIMEOUTS },
      },
    );
    cleanup.add(scene.end);
    expect(await scene.sync('--full')).toMatchObject(WHOLE);
    put(scene.directory, 'healthy/0/lesson.ova');
    await times.settle(scene.directory);
    expect(await scene.sync('--full')).toMatchObject(WHOLE);
    ids = await scene.ids();
  });

  afterAll(() => cleanup.run());

  it('keep their images, are named, and are in the way of no other', async () => {
    proxy.spoil(new Map(SPOILERS.map((spoiler) => [`/${encodeURI(folderOf(spoiler))}/`, spoiler])));
    const troubled = SPOILERS.filter(({ isHarmless }) => !isHarmless);
    for (const [n, flags] of [['--full'], []].entries()) {
      put(scene.directory, `healthy/new ${n}/new.ova`);
      rmSync(join(scene.directory, `healthy/${n + 10}`), { recursive: true });
      const run = await scene.sync(...flags);
      expect(run.stderr).not.toMatch(/internal error/);
      expect(run).toMatchObject({ code: INCOMPLETE, errors: [], counts: { added: 1, removed: 1 } });
      const named = SPOILERS.filter((each) => run.warnings.some(isAbout(folderOf(each))));
      expect(named.map(({ name }) => name)).toEqual(troubled.map(({ name }) => name));
      await scene.expectTruth();
    }
  });

  it('are whole again by one ordinary sync, under the ids they had', async () => {
    proxy.spoil(new Map());
    expect(await scene.sync()).toMatchObject(WHOLE);
    await scene.expectTruth();
    const now = await scene.ids();
    const theirs = inOrder([...ids.keys()].filter((path) => path.startsWith('folder ')));
    expect(theirs.map((path) => now.get(path))).toEqual(theirs.map((path) => ids.get(path)));
    expect(await scene.space()).toMatchObject({ state: 'fresh', pruning: 'names', mismatches: 0 });
  });
});

describeInstalled('spaces of an Apache, each spoiled on its way in another manner', [apacheMissing], () => {
  const cleanup = createCleanup();
  const proxies = new Map<string, SpoilingProxy>();
  let ovadex: Ovadex;
  let before: ReadonlyMap<string, SpaceReport>;
  let during: ReadonlyMap<string, SpaceReport>;
  let told: ReadonlyMap<string, SyncReport>;

  interface SpaceReport {
    readonly user: string;
    readonly state: string;
    readonly images: number;
    readonly revision: number;
  }
  interface SyncReport {
    readonly user: string;
    readonly result: string;
    readonly errors: readonly string[];
    readonly warnings: readonly string[];
  }
  const byUser = <T extends { readonly user: string }>(all: readonly T[]) =>
    new Map(all.map((each) => [each.user, each]));
  const syncAll = async (...flags: readonly string[]) => {
    const { stdout } = await ovadex.run('sync', '--all', ...flags, '--json');
    return byUser((JSON.parse(stdout) as { syncs: SyncReport[] }).syncs);
  };
  const spaces = async () => {
    const { stdout } = await ovadex.run('spaces', '--json');
    return byUser((JSON.parse(stdout) as { spaces: SpaceReport[] }).spaces);
  };

  beforeAll(async () => {
    const directory = makeSharedDirectory();
    cleanup.add(() => rmSync(directory, { recursive: true }));
    for (const user of SPOILERS.map(userOf))
      put(directory, ...['top.ova', 'a/1.ova', 'a/b/2.ova'].map((path) => `${user}/${path}`));
    await createSettledTimes().settle(directory);
    const apache = await startApache({ directory, auth: ACCOUNT });
    cleanup.add(apache.stop);
    // Each an origin of its own, so that one's trouble can't be another's.
    for (const user of SPOILERS.map(userOf)) {
      const proxy = await startSpoilingProxy(apache.url);
      cleanup.add(proxy.stop);
      proxies.set(user, proxy);
    }
    ovadex = await installOvadex();
    cleanup.add(ovadex.remove);
    ovadex.configure({
      storage: { auth: { type: 'basic', ...ACCOUNT } },
      spaces: [...proxies].map(([user, { url }]) => ({ user, url: `${url}${user}/` })),
      crawl: { timeouts: TIMEOUTS, spacesAtOnce: 64 },
    });
    await syncAll('--full');
    before = await spaces();
    for (const spoiler of SPOILERS) proxies.get(userOf(spoiler))?.spoil(new Map([['/', spoiler]]));
    told = await syncAll('--full');
    during = await spaces();
  });

  afterAll(() => cleanup.run());

  for (const spoiler of SPOILERS) {
    const user = userOf(spoiler);
    it(`keeps all (${spoiler.name})`, () => {
      expect(before.get(user)).toMatchObject({ state: 'fresh', images: 3 });
      const { images, revision } = before.get(user) as SpaceReport;
      expect(during.get(user)).toMatchObject({ images, revision });
      const { result, errors = [], warnings = [] } = told.get(user) as SyncReport;
      expect([...errors, ...warnings].join('\n')).not.toMatch(/internal error/);
      if (spoiler.isHarmless) {
        expect(result).toBe('complete');
        expect(during.get(user)?.state).toBe('fresh');
      } else {
        expect(result).toBeOneOf(['failed', 'incomplete']);
        expect([...errors, ...warnings]).not.toEqual([]);
        if (spoiler.suspends) expect(during.get(user)?.state).toBe('suspended');
        else if (spoiler.looksEmpty) expect(during.get(user)?.state).toBe('held');
        else expect(during.get(user)?.state).toBeOneOf(['failing', 'stale']);
      }
    });
  }

  it('is as it was once the way is good again', async () => {
    for (const proxy of proxies.values()) proxy.spoil(new Map());
    for (const spoiler of SPOILERS.filter(({ suspends }) => suspends)) {
      expect((await ovadex.run('resume', '--user', userOf(spoiler))).code).toBe(0);
    }
    const results = [...(await syncAll()).values()].filter(({ result }) => result !== 'complete');
    expect(results).toEqual([]);
    const now = [...(await spaces()).values()];
    expect(now.filter(({ state }) => state !== 'fresh')).toEqual([]);
    expect(now.filter(({ user, revision }) => revision !== before.get(user)?.revision)).toEqual([]);
  });
});
