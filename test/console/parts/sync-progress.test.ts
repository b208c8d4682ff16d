import { describe, expect, it } from 'vitest';
import { machineText } from '../../../src/console/parts/machine.js';
import { progressText, resultText, spanText } from '../../../src/console/parts/sync-progress.js';
import type { SyncJson } from '../../../src/wire/sync.js';

const NOTHING = { added: 0, changed: 0, deleted: 0, failures: 0 };
const RUNNING = {
  collections: 12,
  expected_collections: null,
  images: 1,
  collections_per_second: null,
  seconds_left: null,
};
const sync = (some: object) => ({ ...NOTHING, ...RUNNING, ...some }) as SyncJson;

describe('how far a sync is', () => {
  it.each([
    [{}, '12 folders, 1 image'],
    [{ collections: 1 }, '1 folder, 1 image'],
    [{ expected_collections: 3_400, images: 2_000 }, '12 of about 3,400 folders, 2,000 images'],
    // More than were expected.
    [{ expected_collections: 5 }, '12 folders, 1 image'],
    [
      { expected_collections: 40, collections_per_second: 3.5, seconds_left: 8 },
      '12 of about 40 folders, 1 image, 3.5 folders a second, about 8 s left',
    ],
  ])('is told of %j', (some, told) => {
    expect(progressText(sync(some))).toBe(told);
  });

  it.each([
    [{}, 'nothing new'],
    [{ added: 1_200, deleted: 1 }, '1,200 new, 1 gone'],
    [{ changed: 2, failures: 1 }, '2 changed; 1 folder could not be seen'],
    [{ failures: 2 }, 'nothing new; 2 folders could not be seen'],
  ])('is told once it has ended: %j', (some, told) => {
    expect(resultText(sync(some))).toBe(told);
  });

  it.each([
    [0, '0 s'],
    [99, '99 s'],
    [100, '2 min'],
    [5_999, '100 min'],
    [6_000, '2 h'],
  ])('has %d seconds left: %s', (seconds, told) => {
    expect(spanText(seconds)).toBe(told);
  });
});

describe('a machine in short', () => {
  const UNKNOWN = { cpus: null, memory_mib: null, disk_count: null, capacity_bytes: null };
  it.each([
    [{}, ''],
    [{ cpus: 1, memory_mib: 8_192 }, '1 CPU, 8 GiB'],
    [{ disk_count: 2, capacity_bytes: 40 * 1_024 ** 3 }, '2 disks (40 GiB)'],
    [{ disk_count: 0, capacity_bytes: 0 }, '0 disks'],
    // Digits beyond 2^53 come as text.
    [{ disk_count: 1, capacity_bytes: '9223372036854775807' }, '1 disk (8192 PiB)'],
  ])('of %j', (some, told) => {
    expect(machineText({ ...UNKNOWN, ...some }).replaceAll('\u00a0', ' ')).toBe(told);
  });
});
