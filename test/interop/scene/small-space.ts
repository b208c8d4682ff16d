import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { DocumentedRequests } from './documented.js';
import { type Scene, WHOLE } from './scene.js';
import { createSettledTimes } from './settled-times.js';

/** A branch of four and, in one collection, twenty leaves: with the root 26 collections, 5 of them with others inside. */
export const BRANCH = 'deep/a/b/c';
const LEAVES = Array.from({ length: 20 }, (_, n) => `wide/leaf ${n}`);
export const COLLECTIONS = 26;

const times = createSettledTimes();

/** Fills a directory as if nobody had touched it for a long time. */
export async function fillSmallSpace(directory: string): Promise<void> {
  for (let branch = BRANCH; branch !== '.'; branch = dirname(branch)) {
    mkdirSync(join(directory, branch), { recursive: true });
    for (const name of ['1.ova', '2.OVF', 'notes.txt'])
      writeFileSync(join(directory, branch, name), `${branch}/${name}`);
  }
  for (const leaf of LEAVES) {
    mkdirSync(join(directory, leaf), { recursive: true });
    for (const name of ['1.ova', '2.ova']) writeFileSync(join(directory, leaf, name), `${leaf}/${name}`);
  }
  await times.settle(directory);
}

/** What it takes to know the small space, for the first time and later; it has one image more then. */
export async function requestsToKnow(scene: Scene): Promise<DocumentedRequests> {
  const requestsOf = async (added: number, ...flags: readonly string[]) => {
    const run = await scene.sync(...flags);
    expect(run).toMatchObject({ ...WHOLE, counts: { added, altered: 0, removed: 0 } });
    await scene.expectTruth();
    return run.counts.requests;
  };
  const first = await requestsOf((await scene.imagesOnDisk()).length);
  expect(await requestsOf(0, '--full')).toBe(first);
  const learning = await requestsOf(0);
  writeFileSync(join(scene.directory, 'wide/leaf 19/lesson.ova'), 'a lesson');
  await times.settle(scene.directory);
  await scene.change(() => undefined);
  await requestsOf(1, '--full');
  return { first, learning, unchanged: await requestsOf(0) };
}
