import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createBatches } from '../../../src/http/server/batch.js';

function createScene() {
  const batches = createBatches();
  let stored = 0;
  let looks = 0;
  const version = batches.oncePerBatch(() => {
    looks++;
    return stored;
  });
  const seen: number[] = [];
  return {
    batches,
    version,
    seen,
    looks: () => looks,
    write: () => void stored++,
    ask: () => batches.atEnd(() => void seen.push(version())),
  };
}

describe('a turn', () => {
  it('answers in the order in which was asked, after all of it was asked', async () => {
    const { seen, ask, write } = createScene();
    ask();
    write();
    ask();
    expect(seen).toEqual([]);
    await nextTurn();
    // What was written before the second one asked is seen by both.
    expect(seen).toEqual([1, 1]);
  });

  it('looks once for all of its answers, and the next one looks anew', async () => {
    const { seen, ask, looks, write } = createScene();
    for (let n = 0; n < 5; n++) ask();
    await nextTurn();
    expect(looks()).toBe(1);
    write();
    ask();
    await nextTurn();
    expect(seen).toEqual([0, 0, 0, 0, 0, 1]);
    expect(looks()).toBe(2);
  });

  it('is over for an answer that waits: what it looks at then is looked at anew', async () => {
    const { batches, version, write } = createScene();
    const later: number[] = [];
    batches.atEnd(() => {
      version();
      void Promise.resolve().then(() => {
        write();
        later.push(version());
      });
    });
    await nextTurn();
    expect(later).toEqual([1]);
  });

  it('takes what is asked while it answers into the next one', async () => {
    const { batches, version, write } = createScene();
    const seen: number[] = [];
    batches.atEnd(() => {
      seen.push(version());
      write();
      batches.atEnd(() => void seen.push(version()));
    });
    await nextTurn();
    await nextTurn();
    expect(seen).toEqual([0, 1]);
  });
});

describe('requests that arrive together', () => {
  function createCrowd() {
    const { batches, version, write, looks } = createScene();
    const seen: number[] = [];
    const arrive = (count: number) => {
      for (let n = 0; n < count; n++) batches.together(() => void seen.push(version()));
    };
    return { batches, version, write, looks, seen, arrive };
  }

  it('are answered together at the end of their turn, or in between once they are many', async () => {
    const { arrive, seen } = createCrowd();
    arrive(31);
    expect(seen).toEqual([]);
    arrive(1);
    expect(seen).toHaveLength(32);
    arrive(20);
    expect(seen).toHaveLength(32);
    await nextTurn();
    expect(seen).toHaveLength(52);
  });

  it('see what was written before any of them arrived, by one look for all of them', () => {
    const { arrive, seen, write, looks } = createCrowd();
    arrive(31);
    write();
    arrive(1);
    expect([new Set(seen), looks()]).toEqual([new Set([1]), 1]);
    write();
    arrive(32);
    expect([seen.at(-1), looks()]).toEqual([2, 2]);
  });

  it('wait for the next turn where they arrive while others are answered', async () => {
    const { batches, arrive, seen } = createCrowd();
    let whileAnswering: number | null = null;
    batches.atEnd(() => {
      arrive(40);
      whileAnswering = seen.length;
    });
    await nextTurn();
    expect(whileAnswering).toBe(0);
    await nextTurn();
    expect(seen).toHaveLength(40);
  });
});
