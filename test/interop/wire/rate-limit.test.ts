import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeInstalled } from '../../support/process/installed.js';
import { nginxMissing, type RequestLimit, startNginx } from '../../support/servers/nginx.js';
import { startScene, WHOLE } from '../scene/scene.js';

/** More than the limits let through at once and in the first second. */
const COLLECTIONS = 90;
const PER_SECOND = 40;
const BURST = 10;

/** A root with collections of which some hold others. */
function fill(directory: string): void {
  for (let n = 1; n < COLLECTIONS; n++) {
    const path = join(directory, n % 3 === 0 ? `${n - 1}` : '', `${n}`);
    mkdirSync(path);
    writeFileSync(join(path, `${n}.ova`), `${n}`);
  }
}

describeInstalled('an nginx that lets only so many requests through', [nginxMissing], () => {
  it.for<[string, RequestLimit]>([
    ['429', { perSecond: PER_SECOND, burst: BURST, status: 429, retryAfter: null }],
    ['429 and Retry-After', { perSecond: PER_SECOND, burst: BURST, status: 429, retryAfter: 1 }],
    ['503 and Retry-After', { perSecond: PER_SECOND, burst: BURST, status: 503, retryAfter: 1 }],
  ])('is crawled to the end at the first go where it answers %s', async ([, limit]) => {
    const scene = await startScene(
      { start: ({ directory }) => startNginx({ directory, limit }), memoryMs: 0 },
      { fill },
    );
    onTestFinished(scene.end);
    const run = await scene.sync('--full');
    expect(run).toMatchObject({ ...WHOLE, counts: { collections: COLLECTIONS, failures: 0 } });
    expect(run.counts.requests, 'requests, those that were refused among them').toBeGreaterThan(COLLECTIONS);
    await scene.expectTruth();
  });

  it.for<[string, RequestLimit, folders: number]>([
    ['503 behind a queue', { perSecond: 20, burst: 10, isQueued: true, status: 503, retryAfter: null }, 200],
    ['503', { perSecond: 40, burst: 2, status: 503, retryAfter: null }, 370],
    ['429 with hardly a burst', { perSecond: 40, burst: 2, status: 429, retryAfter: null }, 370],
  ])('is crawled hardly slower than it allows, with little in vain: %s', async ([what, limit, folders]) => {
    const scene = await startScene(
      { start: ({ directory }) => startNginx({ directory, limit }), memoryMs: 0 },
      {
        fill(directory) {
          for (let n = 1; n < folders; n++) {
            mkdirSync(join(directory, `${n}`));
            writeFileSync(join(directory, `${n}`, `${n}.ova`), `${n}`);
          }
        },
      },
    );
    onTestFinished(scene.end);
    const startedAt = performance.now();
    const run = await scene.sync('--full');
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(run).toMatchObject({ ...WHOLE, counts: { collections: folders, failures: 0 } });
    const least = (folders - limit.burst) / limit.perSecond;
    console.info(
      `${what}: ${run.counts.requests} requests for ${folders} folders, ${(seconds / least).toFixed(2)} times the least time`,
    );
    expect(run.counts.requests / folders).toBeLessThan(1.3);
    // With the program's start; a busy machine comes on top.
    expect(seconds).toBeLessThan(least * 2 + 5);
    await scene.expectTruth();
  });
});
