/**
 * Commits, forgets and tidies up in the index of the data directory `argv[2]` without end, and writes a line with the number of
 * each commit once it stands. Each adds a collection of images and removes that of the commit ten before.
 */
import { writeSync } from 'node:fs';
import { openIndex } from '../../src/app/open-index.js';
import { maintain } from '../../src/crawl/schedule/maintenance.js';
import { begin, commit, type IndexUnderTest, listing } from '../contract/index-under-test.js';
import { quietLogger } from '../support/quiet-logger.js';

const IMAGES = 300;
const KEPT = 10;
const STDOUT = 1;

const clock = { now: Date.now() };
const index = await openIndex({ data: { directory: process.argv[2] ?? '' } }, { clock: () => clock.now });
const tested: IndexUnderTest = { ...index, index: index.images, clock, close: async () => index.close() };
const from = Number(process.argv[3] ?? 1);
clock.now += from * 60_000; // the lease of the one that was killed before has run out
const { lease } = await begin(tested, 'jm', { owner: `process ${process.pid}` });
const plan = { schedule: null, tombstonesMs: 0, syncsMs: 0 };
const { signal } = new AbortController();
for (let n = from; ; n++) {
  const images = Array.from({ length: IMAGES }, (_, i) => `c${n}/machine ${i} of ${n}.ova`);
  await commit(tested, lease, listing(`c${n}`, images));
  writeSync(STDOUT, `${n}\n`);
  await commit(tested, lease, listing(`c${n - KEPT}`, []));
  clock.now += 1;
  if (n % 3 === 0) {
    await maintain({ plan, indexMaintenance: index.maintenance, clock: () => clock.now, logger: quietLogger }, signal);
  }
}
