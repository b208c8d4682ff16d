import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import {
  type Disk,
  type MountNamespace,
  mountsMissing,
  startMountNamespace,
} from '../../support/process/mount-namespace.js';
import { apacheMissing, startApache } from '../../support/servers/apache.js';
import { nginxMissing, startNginx } from '../../support/servers/nginx.js';
import { RCLONE_MEMORY_MS, rcloneMissing, startRclone } from '../../support/servers/rclone.js';
import type { ServerProcess } from '../../support/servers/server-process.js';
import { difference, imagesOnDisk, NO_DIFFERENCE } from '../scene/disk-truth.js';
import { type Scene, startScene, WHOLE } from '../scene/scene.js';

/** Long before anything else here: what a bare mount point shows. */
const YEARS_AGO = new Date('2020-03-01T12:00:00Z');

/** A server whose disks come and go. */
interface Host {
  readonly name: string;
  readonly missing: string | null;
  readonly start: (options: { readonly directory: string; readonly mounts: MountNamespace }) => Promise<ServerProcess>;
  readonly memoryMs: number;
  /** Where the dates of folders don't move, a bare mount point can't be told from a folder that was emptied: a second check decides. */
  readonly movesMarkers: boolean;
}

const HOSTS: readonly Host[] = [
  { name: 'Apache', missing: apacheMissing, start: startApache, memoryMs: 0, movesMarkers: true },
  { name: 'nginx', missing: nginxMissing, start: startNginx, memoryMs: 0, movesMarkers: true },
  {
    name: 'rclone',
    missing: rcloneMissing,
    start: startRclone,
    memoryMs: RCLONE_MEMORY_MS,
    movesMarkers: false,
  },
];

/** What is held must not be believed by the number of looks, of either kind. */
const SYNCS = [[], ['--full'], ['--full']] as const;

for (const host of HOSTS) {
  describeInstalled(`disks of ${host.name} that are unmounted`, [host.missing, mountsMissing], () => {
    const cleanup = createCleanup();
    let mounts: MountNamespace;
    let scene: Scene;
    let disks: ReadonlyMap<string, Disk>;
    let ids: ReadonlyMap<string, number>;

    /** Where disks are mounted: in the root of the space, two below, and one with most of the images. */
    const PLACES = ['usb', 'a/deep/usb', 'archive'];

    const inside = (path: string) => mounts.path(join(scene.directory, path));
    const put = (path: string) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'an image');
    };
    const diskAt = (place: string): Disk => {
      const disk = disks.get(place);
      if (disk === undefined) throw new Error(`there is no disk for ${place}`);
      return disk;
    };
    const away = new Set<string>();
    const unmount = async (place: string) => {
      await scene.change(() => diskAt(place).unmount(join(scene.directory, place)));
      away.add(place);
    };
    const mount = async (place: string) => {
      away.delete(place);
      await scene.change(() => diskAt(place).mount(join(scene.directory, place)));
    };
    const isBelow = (place: string) => (path: string) => path.startsWith(`${place}/`);

    const expectTruth = async () => {
      expect(difference(await scene.images(), await imagesOnDisk(inside('')))).toEqual(NO_DIFFERENCE);
    };
    const expectHeld = async (before: readonly string[]) => {
      for (const flags of host.movesMarkers ? SYNCS : SYNCS.slice(0, 1)) {
        const run = await scene.sync(...flags);
        expect(run.counts.removed).toBe(0);
        expect(run.warnings).not.toEqual([]);
        expect(await scene.images()).toEqual(before);
      }
      expect((await scene.space()).state).toBe('held');
    };
    /** One ordinary sync puts everything right: the list, the ids, the state. */
    const expectAllBack = async () => {
      expect(await scene.sync()).toMatchObject(WHOLE);
      await expectTruth();
      expect(await scene.ids()).toEqual(ids);
      expect((await scene.space()).state).toBe('fresh');
    };

    beforeAll(async () => {
      mounts = await startMountNamespace();
      cleanup.add(mounts.stop);
      disks = new Map(PLACES.map((place) => [place, mounts.createDisk()]));
      const fill = (directory: string) => {
        for (const path of ['top.ova', 'a/1.ova', 'a/deep/2.ova', 'b/3.ova', 'b/c/4.ova']) put(join(directory, path));
        for (const place of PLACES) {
          mkdirSync(join(directory, place), { recursive: true });
          utimesSync(join(directory, place), YEARS_AGO, YEARS_AGO);
          diskAt(place).mount(join(directory, place));
          const images = place === 'archive' ? 60 : 6;
          for (let n = 0; n < images; n++)
            put(mounts.path(join(directory, place, n % 3 === 0 ? 'sub' : '', `${n}.ova`)));
        }
      };
      scene = await startScene({ ...host, start: (options) => host.start({ ...options, mounts }) }, { fill });
      cleanup.add(scene.end);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      // From the first change that is seen the dates' worth is known.
      await scene.change(() => put(inside('b/c/lesson.ova')));
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await expectTruth();
      ids = await scene.ids();
    });

    afterAll(() => cleanup.run());

    // Whatever became of the test before.
    beforeEach(async () => {
      for (const place of away) await mount(place);
    });

    it.for([
      { which: 'small ones, in the root and deeper', places: ['usb', 'a/deep/usb'] },
      { which: 'one with most of the images', places: ['archive'] },
    ])('lose nothing, and have it all again under the same ids ($which)', async ({ places }) => {
      const before = await scene.images();
      for (const place of places) await unmount(place);
      await expectHeld(before);
      for (const place of places) await mount(place);
      await expectAllBack();
    });

    it.for(['.DS_Store', 'lost+found/'])('lose nothing where %s was left in the mount point', async (left) => {
      const before = await scene.images();
      await unmount('usb');
      await scene.change(() => {
        if (left.endsWith('/')) mkdirSync(inside(`usb/${left}`));
        else writeFileSync(inside(`usb/${left}`), '');
        utimesSync(inside('usb'), YEARS_AGO, YEARS_AGO);
      });
      await expectHeld(before);
      await mount('usb');
      await expectAllBack();
    });

    it('lose nothing when one comes and goes at every look', async () => {
      const before = await scene.images();
      for (const flags of SYNCS.slice(0, 2)) {
        await unmount('usb');
        const run = await scene.sync(...flags);
        expect(run.counts.removed).toBe(0);
        expect(await scene.images()).toEqual(before);
        await mount('usb');
        await expectAllBack();
      }
    });

    it('show at once what is really deleted from one, though it was away before', async () => {
      await scene.change(() => {
        rmSync(inside('usb/1.ova'));
        rmSync(inside('usb/sub'), { recursive: true });
        renameSync(inside('a/deep/usb/1.ova'), inside('a/deep/usb/renamed.ova'));
        put(inside('archive/new.ova'));
      });
      expect(await scene.sync()).toMatchObject(WHOLE);
      await expectTruth();
      expect((await scene.images()).filter(isBelow('usb'))).not.toEqual([]);
    });
  });

  describeInstalled(`a space of ${host.name} that is a disk`, [host.missing, mountsMissing], () => {
    const images = ['1.ova', '2.ova', '3.ova', 'a/4.ova', 'a/5.ova', 'a/b/6.ova'];
    it.for(['nothing', '.DS_Store'])('is kept whole while its mount point shows %s', async (left) => {
      const cleanup = createCleanup();
      try {
        const mounts = await startMountNamespace();
        cleanup.add(mounts.stop);
        const disk = mounts.createDisk();
        const fill = (directory: string) => {
          if (left !== 'nothing') writeFileSync(join(directory, left), '');
          utimesSync(directory, YEARS_AGO, YEARS_AGO);
          disk.mount(directory);
          for (const path of images) {
            mkdirSync(dirname(mounts.path(join(directory, path))), { recursive: true });
            writeFileSync(mounts.path(join(directory, path)), path);
          }
        };
        const scene = await startScene({ ...host, start: (options) => host.start({ ...options, mounts }) }, { fill });
        cleanup.add(scene.end);
        expect(await scene.sync('--full')).toMatchObject(WHOLE);
        const ids = await scene.ids();
        expect(ids.size).toBe(images.length);

        await scene.change(() => disk.unmount(scene.directory));
        for (const flags of host.movesMarkers || left === 'nothing' ? SYNCS : SYNCS.slice(0, 1)) {
          expect((await scene.sync(...flags)).counts.removed).toBe(0);
          expect(await scene.ids()).toEqual(ids);
          expect((await scene.space()).state).toBe('held');
        }
        await scene.change(() => disk.mount(scene.directory));
        expect(await scene.sync()).toMatchObject(WHOLE);
        expect(await scene.ids()).toEqual(ids);
        expect((await scene.space()).state).toBe('fresh');
      } finally {
        await cleanup.run();
      }
    });
  });
}
