import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { freePort } from '../../support/servers/server-process.js';
import { documentedRequests } from './documented.js';
import { startFaultProxy } from './fault-proxy.js';
import { FAILED, INCOMPLETE, nextSecond, type Scene, startScene, USER, WHOLE } from './scene.js';
import type { Server } from './servers.js';
import { BRANCH, COLLECTIONS, fillSmallSpace, requestsToKnow } from './small-space.js';

/** Enough that a crawl is under way for a while. */
const LATENCY_MS = 5;

/**
 * What every storage has to go through with us: a first crawl, quiet days, changes of every
 * kind seen by either kind of sync, and a server that goes away in the middle and comes back.
 */
export function describeLife(server: Server): void {
  describeInstalled(`the life of a space on ${server.name}`, [server.missing], () => {
    const cleanup = createCleanup();
    let scene: Scene;

    const at = (path: string) => join(scene.directory, path);
    const put = (path: string, content = `of ${path}`) => {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), content);
    };
    const move = (from: string, to: string) => renameSync(at(from), at(to));
    const remove = (path: string) => rmSync(at(path), { recursive: true });
    const sizeOf = async (path: string) => {
      const shown = await scene.ovadex.json('images', '--user', USER);
      return (shown as { images: { path: string; size: number }[] }).images.find((image) => image.path === path)?.size;
    };

    beforeAll(async () => {
      scene = await startScene(server, { fill: fillSmallSpace });
      cleanup.add(scene.end);
    });

    afterAll(() => cleanup.run());

    it('costs what is documented: all until a change was seen, then what its markers demand', async () => {
      expect(await requestsToKnow(scene)).toEqual(documentedRequests(server.name));
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
      // What is emptied in the very second in which it was made shows no other date: one sync more has to agree with that.
      await nextSecond();
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
        { fill: fillSmallSpace, crawl: { requestsPerSpace: 2 } },
      );
      onTestFinished(scene.end);
      expect(await scene.sync('--full')).toMatchObject(WHOLE);
      const before = await scene.images();
      proxy.forgetAnswers();
      const crawl = scene.syncApart('--full');
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
