import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeAwkwardTree } from '../../support/awkward-tree.js';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { type Api, connectApi } from '../scene/api.js';
import { difference, imagesOnDisk, NO_DIFFERENCE } from '../scene/disk-truth.js';
import { filesThatDiffer } from '../scene/fetch-files.js';
import { type Scene, startScene, USER, WHOLE } from '../scene/scene.js';
import { SUBJECTS, type Subject } from '../scene/subjects.js';
import { planTreeChanges, type TreeChanges } from '../scene/tree-changes.js';

/** One server shows that size does no harm; for the others what has every name and every change is enough. */
const LARGE = { collections: 2_500, files: 28_000 };
const ORDINARY = { collections: 350, files: 3_500 };
/** Three milliseconds a file are what nephele takes for a listing. */
const SMALL = { collections: 150, files: 1_500 };

function sizeFor({ name }: Subject): typeof LARGE {
  if (name === 'Apache') return LARGE;
  return name === 'nephele' ? SMALL : ORDINARY;
}

for (const subject of SUBJECTS) {
  const { collections, files } = sizeFor(subject);
  describeInstalled(`${collections} collections and ${files} files on ${subject.name}`, [subject.missing], () => {
    const cleanup = createCleanup();
    let scene: Scene;
    let api: Api;
    let changes: TreeChanges;

    beforeAll(async () => {
      scene = await startScene(subject, {
        async fill(directory) {
          writeAwkwardTree(directory, { collections, files, seed: 20, leaveOut: subject.leaveOut });
          changes = await planTreeChanges(directory, 21);
        },
        // What becomes known of images is a change of their list, whenever it comes.
        describe: { enabled: false },
      });
      cleanup.add(scene.end);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      const { token } = await scene.ovadex.createToken(USER, ['--scope', 'admin']);
      const daemon = await scene.ovadex.serve();
      cleanup.add(daemon.stop);
      api = connectApi(daemon.url, token);
    });

    afterAll(() => cleanup.run());

    const expectTruth = async () => {
      const expected = await imagesOnDisk(scene.directory);
      const { data, meta } = await api.images();
      const shown = data.map(({ path }) => path);
      expect(difference(shown, expected)).toEqual(NO_DIFFERENCE);
      expect(difference(await scene.images(), expected)).toEqual(NO_DIFFERENCE);
      expect(meta.count).toBe(expected.length);
    };

    it('shows exactly the images that find sees', async () => {
      await expectTruth();
      expect((await api.space(USER)).state).toBe('fresh');
    });

    it('leads from each path, used as a URL below the space, to that very file', async () => {
      const paths = (await api.images()).data.map(({ path }) => path);
      expect(paths.length).toBeGreaterThan(files / 3);
      expect(await filesThatDiffer(scene.server.url, scene.directory, paths)).toEqual([]);
    });

    it('changes nothing at a second sync', async () => {
      const before = await api.space(USER);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      expect(await scene.sync()).toMatchObject(WHOLE);
      expect((await api.space(USER)).revision).toBe(before.revision);
      await expectTruth();
    });

    it('follows deletions, additions and renames by a full sync', async () => {
      await scene.change(changes.makeSome);
      if (!subject.movesMarkers) await scene.sync('--full');
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await expectTruth();
    });

    it('follows deletions, additions and renames by an incremental sync', async () => {
      await scene.change(changes.makeSome);
      if (!subject.movesMarkers) await scene.sync();
      expect(await scene.sync()).toMatchObject(WHOLE);
      await expectTruth();
    });

    it('finds by a full sync what directories with restored times hide', async () => {
      await scene.change(changes.makeSomeUnnoticed);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await expectTruth();
    });
  });
}
