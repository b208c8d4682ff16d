import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, test } from 'vitest';
import { giveMemoryBackAfterLoad, isAfterLoad } from '../../src/platform/memory-after-load.js';
import { isThorough } from '../support/thorough.js';

const MIB = 1024 * 1024;

describe('a load is over', () => {
  test.for([
    ['at rest, with what a load left', { utilization: 0.01, heapBytes: 80 * MIB, restingBytes: 40 * MIB }, true],
    ['while it lasts', { utilization: 0.5, heapBytes: 80 * MIB, restingBytes: 40 * MIB }, false],
    ['at rest, with little to give back', { utilization: 0.01, heapBytes: 45 * MIB, restingBytes: 40 * MIB }, false],
    ['after less than at the last look', { utilization: 0, heapBytes: 30 * MIB, restingBytes: 40 * MIB }, false],
  ] as const)('%s: %s', ([, look, expected]) => {
    expect(isAfterLoad(look)).toBe(expected);
  });
});

describe('giveMemoryBackAfterLoad', () => {
  const heapBytes = () => getHeapStatistics().total_heap_size;

  it.runIf(isThorough)("has a load's garbage collected and forgets what is kept, once", async () => {
    let forgotten = 0;
    const kept: number[][] = [];
    // What other tests have left in this process would be collected in the middle of the load.
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    collect();
    const stop = giveMemoryBackAfterLoad(() => {
      forgotten++;
      kept.length = 0;
    }, 100);
    try {
      const before = heapBytes();
      for (let n = 0; n < 200; n++) kept.push(Array.from({ length: 100_000 }, (_, at) => at + 0.5));
      const loaded = heapBytes();
      expect(loaded - before).toBeGreaterThan(100 * MIB);
      await expect.poll(() => heapBytes(), { interval: 500 }).toBeLessThan(loaded - 100 * MIB);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(forgotten).toBe(1);
    } finally {
      stop();
    }
  });
});
