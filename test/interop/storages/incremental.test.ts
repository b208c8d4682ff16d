import { mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { find } from '../scene/disk-truth.js';
import { type Scene, startScene, USER, WHOLE } from '../scene/scene.js';
import { createSettledTimes } from '../scene/settled-times.js';
import { SUBJECTS } from '../scene/subjects.js';

/** What an incremental sync may skip, in the words of `ovadex spaces`. */
type Pruning = 'learning' | 'names' | 'subtree' | 'off';

/** A deep branch, and many collections without others inside. */
const BRANCH = 'deep/a/b/c/d/e';
const LEAVES = Array.from({ length: 30 }, (_, n) => `wide/leaf ${n}`);

for (const subject of SUBJECTS) {
  describeInstalled(`incremental syncs of a space on ${subject.name}`, [subject.missing], () => {
    const cleanup = createCleanup();
    const times = createSettledTimes();
    let scene: Scene;

    const at = (path: string) => join(scene.directory, path);
    const put = (path: string, content = `of ${path}`) => {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), content);
    };
    const move = (from: string, to: string) => renameSync(at(from), at(to));
    const remove = (path: string) => rmSync(at(path), { recursive: true });
    /** A change whose traces are older than two seconds when it is looked for. */
    const changeLongAgo = async (make: () => void) => {
      make();
      await times.settle(scene.directory);
      await scene.change(() => undefined);
    };
    const collectionsOnDisk = async () => 1 + (await find(scene.directory, '-type', 'd')).length;
    const whatIsSkipped = async () => {
      const { stdout } = await scene.ovadex.run('spaces', '--json');
      const { spaces } = JSON.parse(stdout) as { spaces: [{ pruning: Pruning; mismatches: number }] };
      return spaces[0];
    };
    const sizeOf = async (path: string) => {
      const shown = await scene.ovadex.json('images', '--user', USER);
      return (shown as { images: { path: string; size: number }[] }).images.find((image) => image.path === path)?.size;
    };

    beforeAll(async () => {
      scene = await startScene(subject, {
        async fill(directory) {
          for (let branch = BRANCH; branch !== '.'; branch = dirname(branch)) {
            mkdirSync(join(directory, branch), { recursive: true });
            for (const name of ['1.ova', '2.OVF', 'notes.txt']) writeFileSync(join(directory, branch, name), branch);
          }
          for (const leaf of LEAVES) {
            mkdirSync(join(directory, leaf), { recursive: true });
            for (const name of ['1.ova', '2.ova']) writeFileSync(join(directory, leaf, name), leaf);
          }
          await times.settle(directory);
        },
      });
      cleanup.add(scene.end);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      // The first change that is seen teaches what markers are worth here.
      await changeLongAgo(() => put(`${BRANCH}/lesson.ova`));
      await scene.sync('--full');
    });

    afterAll(() => cleanup.run());

    it('skip what has not changed, but for servers whose markers do not tell', async () => {
      const expected: Pruning = subject.movesMarkers ? 'names' : 'off';
      expect(await whatIsSkipped()).toMatchObject({ pruning: expected });
      const run = await scene.sync();
      expect(run).toMatchObject(WHOLE);
      if (subject.movesMarkers) expect(run.counts.collections).toBeLessThan(LEAVES.length / 2);
      else expect(run.counts.collections).toBe(await collectionsOnDisk());
    });

    it('show files that were added, deleted, renamed and moved', async () => {
      await changeLongAgo(() => {
        put(`${BRANCH}/new.ova`);
        remove(`${BRANCH}/1.ova`);
        move(`${BRANCH}/2.OVF`, `${BRANCH}/renamed.ova`);
        move(`${BRANCH}/notes.txt`, `${BRANCH}/notes.ova`);
        move('wide/leaf 0/1.ova', 'wide/leaf 1/from 0.ova');
        move('wide/leaf 2/1.ova', 'deep/a/from 2.ova');
      });
      expect(await scene.sync()).toMatchObject(WHOLE);
      await scene.expectTruth();
    });

    it('show a branch that was moved with all that is in it', async () => {
      await changeLongAgo(() => move('deep/a/b/c', 'wide/moved'));
      expect(await scene.sync()).toMatchObject(WHOLE);
      await scene.expectTruth();
    });

    it('show collections that went, came, took the place of others or lost all they had', async () => {
      // Today, as deletions are: a folder that is emptied and shows an older date is a mount point without its disk.
      await scene.change(() => {
        move('wide/moved/d', 'deep/a/b/d');
        move('wide/moved', 'wide/moved again');
        put('wide/leaf 3/only here.ova');
        move('wide/leaf 3', 'wide/aside');
        move('wide/leaf 4', 'wide/leaf 3');
        move('wide/aside', 'wide/leaf 4');
        remove('wide/leaf 5');
        remove('wide/leaf 6');
        put('wide/leaf 6/other.ova');
        remove('wide/leaf 7/1.ova');
        put('wide/leaf 7/1.ova/inside.ova');
        remove('wide/leaf 8');
        put('wide/leaf 8');
        put('wide/leaf 9/in/it/new.ova');
        for (const name of ['1.ova', '2.ova']) remove(`wide/leaf 10/${name}`);
      });
      // Where no marker moves, an unreadable collection looks like one that has lost all.
      if (!subject.movesMarkers) await scene.sync();
      expect(await scene.sync()).toMatchObject(WHOLE);
      await scene.expectTruth();
    });

    it('show changes that follow each other within a second or two', async () => {
      for (const n of [1, 2]) {
        await scene.change(() => {
          put(`wide/leaf 11/quick ${n}.ova`);
          put(`deep/a/quick ${n}.ova`);
          if (n > 1) remove(`wide/leaf 11/quick ${n - 1}.ova`);
        });
        expect(await scene.sync()).toMatchObject(WHOLE);
        await scene.expectTruth();
      }
    });

    it('may miss what no marker shows; the full sync finds it, says so, and ends all skipping', async () => {
      await changeLongAgo(() => undefined);
      expect(await scene.sync()).toMatchObject(WHOLE);
      const { mtime } = statSync(at('wide/leaf 12'));
      await scene.change(() => {
        put('wide/leaf 12/unnoticed.ova');
        utimesSync(at('wide/leaf 12'), mtime, mtime);
        put('wide/leaf 13/1.ova', 'overwritten, and longer than before');
      });
      expect(await scene.sync()).toMatchObject(WHOLE);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await scene.expectTruth();
      expect(await sizeOf('wide/leaf 13/1.ova')).toBe(statSync(at('wide/leaf 13/1.ova')).size);

      const { pruning, mismatches } = await whatIsSkipped();
      expect(pruning).toBe('off');
      expect(mismatches).toBeGreaterThan(0);
      const run = await scene.sync();
      expect(run).toMatchObject(WHOLE);
      expect(run.counts.collections).toBe(await collectionsOnDisk());
    });
  });
}
