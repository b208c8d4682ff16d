import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { goDavMissing, startGoDav } from '../../support/servers/go-dav.js';
import { RCLONE_MEMORY_MS, rcloneMissing, startRclone } from '../../support/servers/rclone.js';
import { type Scene, startScene, WHOLE } from '../scene/scene.js';
import type { Subject } from '../scene/subjects.js';

const NFD = 'Schlüssel'.normalize('NFD');
const NFC = 'Schlüssel'.normalize('NFC');

/** Folders and files whose names change in their spelling alone. */
const RENAMES: readonly { readonly from: string; readonly to: string; readonly form?: true }[] = [
  { from: 'Images', to: 'images' },
  { from: 'deep/Old/Sub', to: 'deep/Old/SUB' },
  { from: 'deep/Old', to: 'deep/old' },
  { from: 'deep/one.ova', to: 'deep/One.OVA' },
  { from: 'ÄÖ', to: 'äö' },
  { from: NFD, to: NFC, form: true },
];
const FILES = [
  'top.ova',
  'Images/a.ova',
  'Images/b/c.ova',
  'deep/one.ova',
  'deep/Old/Sub/d.ova',
  'ÄÖ/e.ova',
  `${NFD}/f.ova`,
];

interface Spelling extends Pick<Subject, 'missing' | 'start' | 'memoryMs' | 'movesMarkers'> {
  readonly name: string;
  /** It takes either normal form, too. */
  readonly ignoresForm: boolean;
}

const STORAGES: readonly Spelling[] = [
  {
    name: 'rclone that ignores case',
    missing: rcloneMissing,
    start: ({ directory }) => startRclone({ directory, ignoresCase: true }),
    memoryMs: RCLONE_MEMORY_MS,
    movesMarkers: false,
    ignoresForm: false,
  },
  {
    name: "Go's library on files that have neither case nor normal form",
    missing: goDavMissing,
    start: ({ directory }) => startGoDav({ directory, folds: true }),
    memoryMs: 0,
    movesMarkers: true,
    ignoresForm: true,
  },
];

for (const storage of STORAGES) {
  describeInstalled(`names that change in their spelling alone on ${storage.name}`, [storage.missing], () => {
    const cleanup = createCleanup();
    let scene: Scene;

    beforeAll(async () => {
      scene = await startScene(storage, {
        fill(directory) {
          for (const file of FILES) {
            mkdirSync(dirname(join(directory, file)), { recursive: true });
            writeFileSync(join(directory, file), file);
          }
        },
      });
      cleanup.add(scene.end);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await scene.change(() => writeFileSync(join(scene.directory, 'deep/lesson.ova'), ''));
      await scene.sync('--full');
      await scene.expectTruth();
    });

    afterAll(() => cleanup.run());

    // One within another, so each after the one before.
    it('are listed once, under the spelling of today', async () => {
      await scene.change(() => {
        for (const { from, to } of RENAMES.filter(({ form }) => !form || storage.ignoresForm)) {
          renameSync(join(scene.directory, from), join(scene.directory, `${from} aside`));
          renameSync(join(scene.directory, `${from} aside`), join(scene.directory, to));
        }
      });
      await scene.sync('--full');
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await scene.expectTruth();
      expect((await scene.space()).state).toBe('fresh');
      // No date was belied by any of it.
      if (storage.movesMarkers) expect((await scene.space()).mismatches).toBe(0);
    });

    // Without dates each full sync with changes waits ten seconds for a second look.
    if (storage.movesMarkers)
      it('are listed once where one level after another is renamed', async () => {
        for (const [from, to] of [
          ['images/b', 'images/B'],
          ['images', 'IMAGES'],
        ] as const) {
          await scene.change(() => renameSync(join(scene.directory, from), join(scene.directory, to)));
          await scene.sync('--full');
          expect(await scene.sync('--full')).toMatchObject(WHOLE);
          await scene.expectTruth();
        }
      });
  });
}
