import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GenuineFile, whyNoGenuine } from '../../support/ovf/genuine.js';
import { describeInstalled } from '../../support/process/installed.js';
import type { PassedGet } from '../scene/reading-proxy.js';
import { type ReadingScene, startReadingScene } from '../scene/reading-scene.js';
import { READING_SERVERS, type ReadingServer, WITHOUT_RANGES } from '../scene/reading-servers.js';
import { fillWithImages, statesOnDisk, writeSparse } from '../scene/reading-tree.js';

const pathsOf = (gets: readonly PassedGet[]) => new Set(gets.map(({ path }) => path));

/** What an image may take on average: requests, and bytes at the socket, heads of answers included. */
interface Bounds {
  readonly requests: number;
  readonly bytes: number;
}

function describeReading(server: ReadingServer, bounds: Bounds): void {
  describeInstalled(`what images are, read on ${server.name}`, [server.missing, whyNoGenuine], () => {
    let scene: ReadingScene;
    let genuine: ReadonlyMap<string, GenuineFile>;
    beforeAll(async () => {
      scene = await startReadingScene(server, async (directory) => {
        genuine = await fillWithImages(directory);
      });
      await scene.start();
      await scene.untilRead();
    });
    afterAll(() => scene.end());

    it('is what is said of the files where they lie', async () => {
      const states = await scene.states();
      expect(states).toEqual(await statesOnDisk(scene.directory));
      const deploy = [...genuine.values()].filter(({ values }) => values !== null).length;
      expect(deploy).toBeGreaterThanOrEqual(40);
      for (const folder of ['genuine', 'genuine packed']) {
        const ok = Object.entries(states).filter(([path, state]) => path.startsWith(`${folder}/`) && state === 'ok');
        expect([folder, ok.length]).toEqual([folder, deploy]);
      }
      for (const [path, { values }] of genuine) {
        if (values === null) continue;
        const { name = null, memory_mib: memory } = (await scene.image(path)).ovf ?? {};
        expect({ path, name, memory: memory ?? 0 }).toEqual({
          path,
          name: values.name,
          memory: values.memory_mib_total,
        });
      }
    });

    it(`costs ${bounds.requests} requests and ${bounds.bytes} bytes an image at most`, async () => {
      const images = Object.keys(await scene.states()).length;
      const { gets } = scene.proxy;
      expect(pathsOf(gets).size).toBe(images);
      const bytes = gets.reduce((sum, get) => sum + get.bytes, 0);
      expect(gets.length / images).toBeLessThanOrEqual(bounds.requests);
      expect(bytes / images).toBeLessThanOrEqual(bounds.bytes);
      expect(scene.bytesRead() / images).toBeLessThanOrEqual(bounds.bytes);
    });

    it('is never read again: not at later syncs, nor after a restart', async () => {
      const before = await scene.states();
      scene.proxy.forget();
      for (let round = 0; round < 2; round++) {
        await scene.sync();
        await scene.untilRead();
        await scene.stop();
        await scene.start();
        await scene.untilRead();
      }
      // What is found last is read last: nothing else is in line before it.
      writeSparse(join(scene.directory, 'later/web.ovf'), { size: 0, pieces: [] });
      await scene.sync();
      await scene.untilRead();
      expect(await scene.states()).toEqual({ ...before, 'later/web.ovf': 'broken' });
      expect(scene.proxy.gets).toEqual([]);
    });
  });
}

for (const server of READING_SERVERS) describeReading(server, { requests: 1.2, bytes: 40_000 });
// A connection that is ended has brought what fits into the buffers on its way: these images took 98 to 112 KB each.
describeReading(WITHOUT_RANGES, { requests: 1, bytes: 250_000 });
