import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { apacheMissing, startApache } from '../../support/servers/apache.js';
import { REVERSE_PROXIES } from '../../support/servers/reverse-proxies.js';
import type { ServerProcess } from '../../support/servers/server-process.js';
import { find, imagesOnDisk } from '../scene/disk-truth.js';
import { filesThatDiffer } from '../scene/fetch-files.js';
import { writeEachName } from '../scene/names-tree.js';
import { FAILED, type Scene, startScene, WHOLE } from '../scene/scene.js';
import { createSettledTimes } from '../scene/settled-times.js';

for (const proxy of REVERSE_PROXIES) {
  describeInstalled(`a space of an Apache behind ${proxy.name}`, [apacheMissing, proxy.missing], () => {
    const cleanup = createCleanup();
    const times = createSettledTimes();
    let scene: Scene;
    let apache: ServerProcess;

    const at = (path: string) => join(scene.directory, path);

    beforeAll(async () => {
      scene = await startScene(
        {
          memoryMs: 0,
          async start({ directory }) {
            apache = await startApache({ directory });
            cleanup.add(() => apache.stop());
            return proxy.start({ target: apache.port });
          },
        },
        {
          async fill(directory) {
            writeEachName(directory, []);
            await times.settle(directory);
          },
        },
      );
      cleanup.add(scene.end);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
    });

    afterAll(() => cleanup.run());

    it('has every name, and each path leads to its file', async () => {
      await scene.expectTruth();
      const paths = await imagesOnDisk(scene.directory);
      expect(await filesThatDiffer(scene.server.url, scene.directory, paths)).toEqual([]);
    });

    it('follows changes, and asks for nothing that its markers rule out', async () => {
      mkdirSync(at('names/0/new/er'), { recursive: true });
      for (const path of ['names/0/new/er/1.ova', 'names/1/added.ova']) writeFileSync(at(path), path);
      rmSync(at('names/2'), { recursive: true });
      renameSync(at('names/3'), at('names/renamed'));
      await times.settle(scene.directory);
      expect(await scene.sync()).toMatchObject(WHOLE);
      await scene.expectTruth();
      expect(await scene.space()).toMatchObject({ state: 'fresh', pruning: 'names' });
      const parents = new Set((await find(scene.directory, '-type', 'd')).map(parentOf));
      expect((await scene.sync()).counts.requests).toBe(parents.size);
    });

    it('keeps everything while the server behind is away', async () => {
      const before = await scene.images();
      const { port } = apache;
      await apache.stop();
      expect((await scene.sync('--full')).code).toBe(FAILED);
      expect(await scene.images()).toEqual(before);
      apache = await startApache({ directory: scene.directory, port });
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await scene.expectTruth();
    });
  });
}

/** As text that compares exactly; the root is that of its own members. */
function parentOf(path: Buffer): string {
  return path.subarray(0, Math.max(0, path.lastIndexOf('/'))).toString('latin1');
}
