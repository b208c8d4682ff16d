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
