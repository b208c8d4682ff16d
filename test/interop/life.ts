import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { createCleanup } from '../support/cleanup.js';
import { describeInstalled } from '../support/installed.js';
import { freePort } from '../support/server-process.js';
import { startFaultProxy } from './fault-proxy.js';
import { FAILED, INCOMPLETE, type Scene, startScene, USER, WHOLE } from './scene.js';
import type { Server } from './servers.js';
import { createSettledTimes } from './settled-times.js';

/** A branch five deep and twenty leaves in one collection. */
const BRANCH = 'deep/a/b/c';
const LEAVES = Array.from({ length: 20 }, (_, n) => `wide/leaf ${n}`);
const INNER = ['', 'deep', 'deep/a', 'deep/a/b', 'wide'].length;
/** With the branch's end. */
export const COLLECTIONS = INNER + 1 + LEAVES.length;

/** Enough that a crawl is under way for a while. */
const LATENCY_MS = 5;

/** Requests of a server where leaves can be skipped once that was learned, and of one where a whole tree can. */
export const REQUESTS = {
  names: { first: COLLECTIONS, learning: COLLECTIONS, unchanged: INNER },
  subtree: { first: COLLECTIONS, learning: COLLECTIONS, unchanged: 1 },
} as const;

/**
 * What every storage has to go through with us: a first crawl, quiet days, changes of every
 * kind seen by either kind of sync, and a server that goes away in the middle and comes back.
 */
export function describeLife(server: Server): void {
  describeInstalled(`the life of a space on ${server.name}`, [server.missing], () => {
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
    const requestsOf = async (...flags: readonly string[]) => {
      const run = await scene.sync(...flags);
      expect(run).toMatchObject({ ...WHOLE, counts: { added: 0, altered: 0, removed: 0 } });
      return run.counts.requests;
    };
    const sizeOf = async (path: string) => {
      const shown = await scene.ovadex.json('images', '--user', USER);
      return (shown as { images: { path: string; size: number }[] }).images.find((image) => image.path === path)?.size;
    };

    beforeAll(async () => {
      scene = await startScene(server, {
        async fill(directory) {
          fill(directory);
          await times.settle(directory);
        },
      });
      cleanup.add(scene.end);
    });

    afterAll(() => cleanup.run());

    it('is listed whole at the first go, and costs the same until a change was seen', async () => {
      const { first, learning } = REQUESTS[server.markers];
      const run = await scene.sync();
      expect(run).toMatchObject({ ...WHOLE, counts: { requests: first, failures: 0 } });
      await scene.expectTruth();
      expect(await requestsOf('--full')).toBe(first);
      expect(await requestsOf()).toBe(learning);
    });

    it('costs no more than its markers demand once they were seen to move', async () => {
      put('wide/leaf 19/lesson.ova');
      await times.settle(scene.directory);
      await scene.change(() => undefined);
      expect(await scene.sync('--full')).toMatchObject({ ...WHOLE, counts: { added: 1 } });
      await scene.expectTruth();
      expect(await requestsOf()).toBe(REQUESTS[server.markers].unchanged);
      expect(await scene.space()).toMatchObject({ state: 'fresh', pruning: server.markers, mismatches: 0 });
    });

    it('shows changes of every kind after a full sync, with their sizes', async () => {
      await scene.change(() => {
        put(`${BRANCH}/added deep.ova`);
        put('wide/leaf 0/added.ova');
        put('new/with/branches/3.ova');
        remove('wide/leaf 1/1.ova');
        remove('wide/leaf 2');
        move('wide/leaf 3/1.ova', 'wide/leaf 3/renamed.ova');
        move('wide/leaf 4', 'wide/leaf renamed');
        move('wide/leaf 5', 'deep/moved');
        put('wide/leaf 6/1.ova', 'overwritten, and longer than before');
        remove('wide/leaf 7');
        put('wide/leaf 7');
        remove('wide/leaf 8/1.ova');
        put('wide/leaf 8/1.ova/inside.ova');
        remove('wide/leaf 9');
        put('wide/leaf 9/other.ova');
      });
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      await scene.expectTruth();
      expect(await sizeOf('wide/leaf 6/1.ova')).toBe(statSync(at('wide/leaf 6/1.ova')).size);
      expect(await scene.space()).toMatchObject({ state: 'fresh', pruning: server.markers, mismatches: 0 });
    });

    it('shows them after an ordinary sync, too', async () => {
      await scene.change(() => {
        put(`${BRANCH}/added deeper/4.ova`);
        put('wide/leaf 10/added.ova');
        remove('wide/leaf 11/1.ova');
        remove('new/with/branches');
        move('wide/leaf 12/1.ova', 'deep/a/moved.ova');
        move('wide/leaf 13', 'wide/leaf 11/moved');
        remove('wide/leaf 14');
        put('wide/leaf 14');
        remove('wide/leaf 15/1.ova');
        put('wide/leaf 15/1.ova/inside.ova');
        remove('wide/leaf 16');
        put('wide/leaf 16/other.ova');
      });
      expect(await scene.sync()).toMatchObject(WHOLE);
      await scene.expectTruth();
      await scene.change(() => move('deep/a/b', 'b moved'));
      expect(await scene.sync()).toMatchObject(WHOLE);
      await scene.expectTruth();
      expect(await scene.space()).toMatchObject({ state: 'fresh', pruning: server.markers, mismatches: 0 });
    });
  });

  describeInstalled(`a server (${server.name}) that goes away in the middle of a crawl`, [server.missing], () => {
    it('costs no image, and what happened meanwhile shows when it is back', async () => {
      const port = await freePort();
      const proxy = await startFaultProxy(`http://127.0.0.1:${port}/`, { latencyMs: LATENCY_MS });
      onTestFinished(proxy.stop);
      const scene = await startScene(
        { ...server, start: async (options) => ({ ...(await server.start({ ...options, port })), url: proxy.url }) },
        { fill, crawl: { requestsPerSpace: 2 } },
      );
      onTestFinished(scene.end);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      const before = await scene.images();
      proxy.forgetAnswers();
      const crawl = scene.sync('--full');
      await vi.waitUntil(() => proxy.answers.length > COLLECTIONS / 3, { timeout: 20_000, interval: 2 });
      await scene.whileDown(async () => {
        expect((await crawl).code).toBeOneOf([FAILED, INCOMPLETE]);
        expect(await scene.images()).toEqual(before);
        rmSync(join(scene.directory, 'wide/leaf 17'), { recursive: true });
        await scene.change(() => writeFileSync(join(scene.directory, 'wide/leaf 18/added.ova'), 'added'));
      });
      expect(await scene.sync()).toMatchObject(WHOLE);
      await scene.expectTruth();
      expect((await scene.space()).state).toBe('fresh');
    });
  });
}

function fill(directory: string): void {
  for (let branch = BRANCH; branch !== '.'; branch = dirname(branch)) {
    mkdirSync(join(directory, branch), { recursive: true });
    for (const name of ['1.ova', '2.OVF', 'notes.txt'])
      writeFileSync(join(directory, branch, name), `${branch}/${name}`);
  }
  for (const leaf of LEAVES) {
    mkdirSync(join(directory, leaf), { recursive: true });
    for (const name of ['1.ova', '2.ova']) writeFileSync(join(directory, leaf, name), `${leaf}/${name}`);
  }
}
