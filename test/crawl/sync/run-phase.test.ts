import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createPhase, type Ending } from '../../../src/crawl/sync/run-phase.js';
import { abortWaiters } from '../../../src/webdav/transport/abort-waiters.js';

const INTERRUPTED: Ending = { kind: 'interrupted' };
const LOST: Ending = { kind: 'lost' };
const FAILED: Ending = { kind: 'failed', error: 'the disk is full' };
const haltedBy = (message: string): Ending => ({
  kind: 'halted',
  why: { errors: [message], isUnauthorized: false, isLeftOff: false },
});

describe('the phase of a run', () => {
  it('goes on until it ends, which aborts what it waits for', () => {
    const phase = createPhase(new AbortController().signal);
    expect([phase.ending(), phase.signal.aborted]).toEqual([null, false]);
    phase.halt('401', { isUnauthorized: true });
    expect(phase.ending()).toEqual({
      kind: 'halted',
      why: { errors: ['401'], isUnauthorized: true, isLeftOff: false },
    });
    expect(phase.signal.aborted).toBe(true);
  });

  it('is interrupted from outside', () => {
    const outer = new AbortController();
    const phase = createPhase(outer.signal);
    outer.abort();
    expect([phase.ending(), phase.signal.aborted]).toEqual([INTERRUPTED, true]);
  });

  it.each<[string, readonly Ending[], Ending]>([
    ['the first reason to halt', [haltedBy('down'), haltedBy('401')], haltedBy('down')],
    ['a lost lease, after which nobody may write that it failed', [haltedBy('down'), LOST], LOST],
    ['a lost lease before a reason to halt', [LOST, haltedBy('down')], LOST],
    ['a failing index, whatever else', [LOST, FAILED, haltedBy('down')], FAILED],
    ['the first failure of the index', [FAILED, { kind: 'failed', error: 'later' }], FAILED],
  ])('ends by %s', (_, endings, expected) => {
    const outer = new AbortController();
    const phase = createPhase(outer.signal);
    for (const ending of endings) phase.end(ending);
    outer.abort();
    expect(phase.ending()).toEqual(expected);
  });

  it('leaves nothing of itself behind once it is over, however long what could end it from outside lives', async () => {
    const outer = new AbortController();
    const run = () => {
      const phase = createPhase(outer.signal);
      abortWaiters(phase.signal).add(() => undefined);
      phase.release();
      return new WeakRef(phase.signal);
    };
    const signals = Array.from({ length: 10 }, run);
    expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
    // A reference that was made in this turn is kept until its end.
    await setImmediate();
    collectGarbage();
    expect(signals.filter((signal) => signal.deref() !== undefined)).toEqual([]);
  });
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}
