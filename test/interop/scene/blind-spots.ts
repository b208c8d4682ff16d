import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { serverAccount } from '../../support/servers/server-account.js';
import { type Scene, startScene, WHOLE } from './scene.js';
import type { Server } from './servers.js';
import { createSettledTimes } from './settled-times.js';

/** A leaf, one that holds others, one whose images are all deeper, and the one with most of the images. */
const FOLDERS = ['leaf', 'inner', 'outer/only/deeper', 'most'];
const FILES = [
  ...['top.ova', 'readable/1.ova', 'readable/below/2.ova', 'leaf/1.ova', 'leaf/2.OVF', 'inner/1.ova'],
  ...['inner/below/2.ova', 'outer/3.ova', 'outer/only/deeper/still/4.ova'],
  ...Array.from({ length: 40 }, (_, n) => `most/${n}.ova`),
];
const TOP_FOLDERS = ['readable', 'leaf', 'inner', 'outer', 'most'];

/** What can't be told must not be believed by the number of looks, of either kind. */
const SYNCS = [[], ['--full'], ['--full']] as const;

/**
 * Folders that a server may not read any more, on one that tells them so badly that they look
 * emptied or deleted: their images stay as long as nothing speaks for a deletion.
 */
export function describeBlindSpots(server: Server): void {
  const missing = [server.missing, serverAccount === null ? 'root, to run the server as another account' : null];
  describeInstalled(`folders that ${server.name} may not read any more`, missing, () => {
    const cleanup = createCleanup();
    const times = createSettledTimes();
    let scene: Scene;
    let images: readonly string[];
    let ids: ReadonlyMap<string, number>;

    const at = (path: string) => join(scene.directory, path);
    const lock = (folders: readonly string[], date?: Date) =>
      scene.change(() => {
        for (const folder of folders) {
          if (date !== undefined) utimesSync(at(folder), date, date);
          chmodSync(at(folder), 0o000);
        }
      });
    const unlockAll = () =>
      scene.change(() => {
        for (const folder of [...TOP_FOLDERS, ...FOLDERS]) chmodSync(at(folder), 0o755);
      });
    /** Whatever is omitted by a listing and not denied by the folder itself is gone after two full syncs, not before. */
    const syncs = server.unreadable === 'omitted' ? SYNCS.slice(0, 2) : SYNCS;
    const expectKept = async () => {
      for (const flags of syncs) {
        const run = await scene.sync(...flags);
        expect(run.warnings).not.toEqual([]);
        expect(run.counts.removed).toBe(0);
      }
      expect(await scene.images()).toEqual(images);
      expect((await scene.space()).state).toBe(server.unreadable === 'error' ? 'stale' : 'held');
    };
    /** One ordinary sync puts everything right: the list, the ids, the state. */
    const expectAllBack = async (...flags: readonly string[]) => {
      await unlockAll();
      expect(await scene.sync(...flags)).toMatchObject(WHOLE);
      expect(await scene.ids()).toEqual(ids);
      expect((await scene.space()).state).toBe('fresh');
    };
    /** What is skipped is none of it: no folder's names have changed. */
    const expectDatesTrusted = async () => {
      expect(await scene.space()).toMatchObject({ pruning: server.markers, mismatches: 0 });
    };

    beforeAll(async () => {
      scene = await startScene(server, {
        async fill(directory) {
          for (const file of FILES) put(directory, file);
          await times.settle(directory);
        },
      });
      cleanup.add(scene.end);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      // From the first change that is seen the dates' worth is known.
      put(scene.directory, 'readable/below/lesson.ova');
      await times.settle(scene.directory);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      images = await scene.images();
      ids = await scene.ids();
    });

    afterAll(() => cleanup.run());

    // Whatever became of the test before.
    beforeEach(unlockAll);

    it.for([
      { which: 'some', folders: FOLDERS },
      { which: 'all', folders: TOP_FOLDERS },
    ])('keep their images, $which of them', async ({ folders }) => {
      await lock(folders);
      await expectKept();
      await expectAllBack();
      await expectDatesTrusted();
    });

    it('keep them, too, where their date went back', async () => {
      await lock(['leaf', 'inner'], new Date('2020-03-01T12:00:00Z'));
      await expectKept();
      await expectAllBack();
    });

    it('lose them at most where their date went forward as at a deletion, and have them again under the same ids', async () => {
      await lock(['leaf'], new Date());
      await scene.sync();
      const left = server.unreadable === 'empty' ? images.filter((path) => !path.startsWith('leaf/')) : images;
      expect(await scene.images()).toEqual(left);
      // Whoever may read it again moves no date: an ordinary sync takes a date that has grown old for a proof.
      await expectAllBack('--full');
    });

    if (server.unreadable === 'omitted')
      it('lose them once two full syncs agree that nobody lists them', async () => {
        await lock(['leaf']);
        expect((await scene.sync('--full')).counts.removed).toBe(0);
        expect((await scene.sync('--full')).counts.removed).toBe(2);
        await expectAllBack();
      });

    if (server.unreadable === 'empty')
      it('lose them once an administrator says so', async () => {
        await lock(['leaf']);
        await scene.sync('--full');
        expect((await scene.ovadex.run('accept', '--user', 'jm')).code).toBe(0);
        await scene.sync();
        expect(await scene.images()).toEqual(images.filter((path) => !path.startsWith('leaf/')));
        await unlockAll();
        expect(await scene.sync('--full')).toMatchObject(WHOLE);
        expect(await scene.ids()).toEqual(ids);
      });
  });
}

function put(directory: string, path: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), `of ${path}`);
}
