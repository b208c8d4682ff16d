import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import type { SyncRun } from '../../support/process/ovadex.js';
import { type Api, connectApi } from '../scene/api.js';
import { type BusyTree, writeBusyTree } from '../scene/busy-tree.js';
import { INCOMPLETE, type Scene, startScene, USER, WHOLE } from '../scene/scene.js';
import { SUBJECTS } from '../scene/subjects.js';

for (const subject of SUBJECTS) {
  describeInstalled(`a tree on ${subject.name} that changes while it is crawled`, [subject.missing], () => {
    const cleanup = createCleanup();
    let scene: Scene;
    let tree: BusyTree;
    let api: Api;

    beforeAll(async () => {
      scene = await startScene(subject, {
        fill(directory) {
          tree = writeBusyTree(directory, 31);
        },
        // The fewer at once, the longer it takes from a collection to those that it showed.
        crawl: { requestsPerSpace: 2 },
      });
      cleanup.add(scene.end);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      const { token } = await scene.ovadex.createToken(USER, ['--scope', 'admin']);
      const daemon = await scene.ovadex.serve();
      cleanup.add(daemon.stop);
      api = connectApi(daemon.url, token);
    });

    afterAll(() => cleanup.run());

    /** Asks for the list again and again until something is over; answers what any of the lists lacked. */
    const watchList = async (over: Promise<unknown>) => {
      let isOver = false;
      const end = over.finally(() => {
        isOver = true;
      });
      const missing = new Set<string>();
      let lists = 0;
      for (; !isOver; lists++) {
        const shown = new Set<string>((await api.images()).data.map(({ path }) => path));
        for (const path of tree.staying) if (!shown.has(path)) missing.add(path);
      }
      await end;
      return { lists, missing: [...missing] };
    };

    it('is never without a file that stays where it is', async () => {
      const stop = tree.start();
      const runs: SyncRun[] = [];
      const syncing = (async () => {
        for (const flags of [['--full'], []]) runs.push(await scene.syncApart(...flags));
      })();
      const { lists, missing } = await watchList(syncing).finally(stop);
      expect(missing).toEqual([]);
      expect(lists).toBeGreaterThan(10);
      expect(await stop()).toBeGreaterThan(500);
      for (const { code, counts } of runs) {
        // What is gone once its turn has come is not known to be gone: the next sync tells.
        expect([0, INCOMPLETE]).toContain(code);
        expect(counts.added).toBeGreaterThan(0);
        expect(counts.removed).toBeGreaterThan(0);
      }
    });

    it('is told exactly by the first full sync after the changes', async () => {
      await scene.change(() => undefined);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await scene.expectTruth();
    });
  });
}
