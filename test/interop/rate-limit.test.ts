import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeInstalled } from '../support/installed.js';
import { nginxMissing, type RequestLimit, startNginx } from '../support/nginx.js';
import { startScene, WHOLE } from './scene.js';

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
});
