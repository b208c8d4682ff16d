import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { apacheMissing, startApache } from '../support/apache.js';
import type { NameTrait } from '../support/awkward-names.js';
import { makeSharedDirectory, writeAwkwardTree } from '../support/awkward-tree.js';
import { createCleanup } from '../support/cleanup.js';
import { describeInstalled } from '../support/installed.js';
import { nginxMissing, startNginx } from '../support/nginx.js';
import { installOvadex, type Ovadex } from '../support/ovadex.js';
import { RCLONE_MEMORY_MS, rcloneMissing, startRclone } from '../support/rclone.js';
import type { ServerProcess } from '../support/server-process.js';
import { type Api, connectApi } from './api.js';
import { difference, imagesOnDisk, NO_DIFFERENCE } from './disk-truth.js';
import { filesThatDiffer } from './fetch-files.js';
import { planTreeChanges, type TreeChanges } from './tree-changes.js';

interface Subject {
  readonly name: string;
  readonly missing: string | null;
  readonly start: (options: { directory: string }) => Promise<ServerProcess>;
  /** Names that the server itself does not show as they are. */
  readonly leaveOut: readonly NameTrait[];
  /** A change on disk shows in its answers after this time. */
  readonly memoryMs: number;
  /**
   * Whether the marker of a collection moves when it loses its last member. Where
   * it stands still, an empty collection is believed at the second sync only.
   */
  readonly movesMarkers: boolean;
}

const SUBJECTS: readonly Subject[] = [
  {
    name: 'Apache',
    missing: apacheMissing,
    start: startApache,
    leaveOut: [],
    memoryMs: 0,
    movesMarkers: true,
  },
  {
    name: 'nginx',
    missing: nginxMissing,
    start: startNginx,
    // dav-ext lists no name that begins with a dot.
    leaveOut: ['leading-dot'],
    memoryMs: 0,
    movesMarkers: true,
  },
  {
    name: 'rclone',
    missing: rcloneMissing,
    start: startRclone,
    // Its local backend shows control characters as U+2400 pictures, and doubles U+201B, its own escape.
    leaveOut: ['control', 'quote-rune'],
    memoryMs: RCLONE_MEMORY_MS,
    // Before 1.65 a directory's date is that of rclone's own first look at it.
    movesMarkers: false,
  },
];

const USER = 'jm';
/** How a sync ends that leaves nothing as it was. */
const WHOLE = { code: 0, warnings: [] };

for (const subject of SUBJECTS) {
  describeInstalled(`2,500 collections and 28,000 files on ${subject.name}`, [subject.missing], () => {
    const cleanup = createCleanup();
    let directory: string;
    let server: ServerProcess;
    let ovadex: Ovadex;
    let api: Api;
    let changes: TreeChanges;

    beforeAll(async () => {
      directory = makeSharedDirectory();
      cleanup.add(() => rmSync(directory, { recursive: true }));
      writeAwkwardTree(directory, { collections: 2_500, files: 28_000, seed: 20, leaveOut: subject.leaveOut });
      changes = await planTreeChanges(directory, 21);
      server = await subject.start({ directory });
      cleanup.add(server.stop);
      ovadex = await installOvadex();
      cleanup.add(ovadex.remove);
      ovadex.configure({ spaces: [{ user: USER, url: server.url }] });
      expect(await sync('--full')).toMatchObject(WHOLE);
      const { token } = await ovadex.createToken(USER, ['--scope', 'admin']);
      const daemon = await ovadex.serve();
      cleanup.add(daemon.stop);
      api = connectApi(daemon.url, token);
    });

    afterAll(() => cleanup.run());

    const sync = (...flags: readonly string[]) => ovadex.sync(USER, ...flags);

    /** Changes the disk and waits until the server can't but show it. */
    const change = async (make: () => void) => {
      make();
      const shownFrom = Date.now() + subject.memoryMs;
      await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(shownFrom), { timeout: 5_000, interval: 20 });
    };

    const expectTruth = async () => {
      const expected = await imagesOnDisk(directory);
      const { data, meta } = await api.images();
      const shown = data.map(({ path }) => path);
      expect(difference(shown, expected)).toEqual(NO_DIFFERENCE);
      expect(difference(await ovadex.images(USER), expected)).toEqual(NO_DIFFERENCE);
      expect(meta.count).toBe(expected.length);
    };

    it('shows exactly the images that find sees', async () => {
      await expectTruth();
      expect((await api.space(USER)).state).toBe('fresh');
    });

    it('leads from each path, used as a URL below the space, to that very file', async () => {
      const paths = (await api.images()).data.map(({ path }) => path);
      expect(paths.length).toBeGreaterThan(10_000);
      expect(await filesThatDiffer(server.url, directory, paths)).toEqual([]);
    });

    it('changes nothing at a second sync', async () => {
      const before = await api.space(USER);
      expect(await sync('--full')).toMatchObject(WHOLE);
      expect(await sync()).toMatchObject(WHOLE);
      expect((await api.space(USER)).revision).toBe(before.revision);
      await expectTruth();
    });

    it('follows deletions, additions and renames by a full sync', async () => {
      await change(changes.makeSome);
      if (!subject.movesMarkers) await sync('--full');
      expect(await sync('--full')).toMatchObject(WHOLE);
      await expectTruth();
    });

    it('follows deletions, additions and renames by an incremental sync', async () => {
      await change(changes.makeSome);
      if (!subject.movesMarkers) await sync();
      expect(await sync()).toMatchObject(WHOLE);
      await expectTruth();
    });

    it('finds by a full sync what directories with restored times hide', async () => {
      await change(changes.makeSomeUnnoticed);
      expect(await sync('--full')).toMatchObject(WHOLE);
      await expectTruth();
    });
  });
}
