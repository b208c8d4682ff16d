import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { abortWaiters } from '../../../src/webdav/transport/abort-waiters.js';
import { isThorough } from '../../support/thorough.js';

const MIB = 1024 * 1024;

it('calls those who wait when the signal is aborted, but for those who no longer do', () => {
  const controller = new AbortController();
  const waiters = abortWaiters(controller.signal);
  const called: string[] = [];
  const wait = (name: string) => {
    const call = () => {
      called.push(name);
      waiters.delete(call);
    };
    waiters.add(call);
    return call;
  };
  wait('first');
  const gone = wait('gone');
  wait('last');
  waiters.delete(gone);
  waiters.delete(gone);
  controller.abort();
  expect(called).toEqual(['first', 'last']);
});

it.runIf(isThorough)('keeps nothing of requests that have ended, even until the next full collection', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;
  const usedBytes = () => getHeapStatistics().used_heap_size;
  const waiters = abortWaiters(new AbortController().signal);
  const inFlight: (() => void)[] = [];
  /** A request that holds on to an answer of 16 KB; of these there are 8 at a time, as in a crawl. */
  const ask = (n: number) => {
    const answer = new Array<number>(2_000).fill(n);
    const call = () => void answer.reverse();
    waiters.add(call);
    inFlight.push(call);
    const ended = inFlight.length > 8 ? inFlight.shift() : undefined;
    if (ended !== undefined) waiters.delete(ended);
  };
  const askMany = () => {
    for (let n = 0; n < 2_000; n++) {
      ask(n);
      if (n % 10 === 0) collect({ type: 'minor' });
    }
    collect({ type: 'minor' });
  };
  // Code that is compiled takes memory, too. What a Set leaves behind kept all of the 32 MB.
  askMany();
  collect();
  collect();
  const before = usedBytes();
  askMany();
  expect(usedBytes() - before).toBeLessThan(2 * MIB);
});
