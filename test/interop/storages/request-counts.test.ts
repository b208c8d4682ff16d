import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCleanup } from '../../support/cleanup.js';
import { describeInstalled } from '../../support/process/installed.js';
import { type Scene, startScene, WHOLE } from '../scene/scene.js';
import { createSettledTimes } from '../scene/settled-times.js';
import { SUBJECTS } from '../scene/subjects.js';

/** Ten collections with a hundred leaves each, and a branch: with the root 13 that hold others. */
const LEAVES = Array.from({ length: 1_000 }, (_, n) => `d${n % 10}/leaf ${n}`);
const DEEPEST = 'deep/er/still';
const INNER = 13;
const ALL = INNER + LEAVES.length + 1;

interface Requests {
  readonly first: number;
  readonly unchanged: number;
  readonly added: number;
  readonly moved: number;
  readonly threeLeaves: number;
}

/** Leaves are skipped: what holds others, what has changed, the new place and a question about the old one. */
const SKIPPING: Requests = {
  first: ALL,
  unchanged: INNER,
  added: INNER + 1,
  moved: INNER + 2,
  threeLeaves: INNER + 3,
};
/** Everything is listed, and a vanished collection asked for. */
const LISTING_ALL: Requests = { first: ALL, unchanged: ALL, added: ALL, moved: ALL + 1, threeLeaves: ALL };

for (const subject of SUBJECTS) {
  describeInstalled(`requests to ${subject.name} for a space of ${ALL} collections`, [subject.missing], () => {
    const cleanup = createCleanup();
    const times = createSettledTimes();
    let scene: Scene;

    beforeAll(async () => {
      scene = await startScene(subject, {
        async fill(directory) {
          for (const collection of [...LEAVES, DEEPEST]) {
            mkdirSync(join(directory, collection), { recursive: true });
            writeFileSync(join(directory, collection, 'x.ova'), collection);
          }
          await times.settle(directory);
        },
      });
      cleanup.add(scene.end);
    });

    afterAll(() => cleanup.run());

    /** Changes the storage, and answers how many requests it takes to know it some time later. */
    const requestsFor = async (change: () => void, ...flags: readonly string[]) => {
      change();
      await times.settle(scene.directory);
      await scene.change(() => undefined);
      const run = await scene.sync(...flags);
      expect(run).toMatchObject(WHOLE);
      return run.counts.requests;
    };
    const put = (path: string) => writeFileSync(join(scene.directory, path), path);

    it('are as few as its markers allow', async () => {
      const first = await requestsFor(() => undefined);
      // What markers are worth here is learned from the first change: by one look more where they stood still.
      const lesson = await requestsFor(() => put('d3/leaf 3/lesson.ova'), '--full');
      expect(lesson).toBe(subject.movesMarkers ? ALL : ALL + 1);

      const unchanged = await requestsFor(() => undefined);
      const added = await requestsFor(() => put(`${DEEPEST}/new.ova`));
      const moved = await requestsFor(() => {
        renameSync(join(scene.directory, 'd0/leaf 0'), join(scene.directory, 'd5/moved'));
      });
      const threeLeaves = await requestsFor(() => {
        for (const n of [101, 202, 303]) put(`d${n % 10}/leaf ${n}/new.ova`);
      });
      await scene.expectTruth();

      const requests: Requests = { first, unchanged, added, moved, threeLeaves };
      process.stdout.write(`| ${[subject.name, ...Object.values(requests)].join(' | ')} |\n`);
      expect(requests).toEqual(subject.movesMarkers ? SKIPPING : LISTING_ALL);
    });
  });
}
