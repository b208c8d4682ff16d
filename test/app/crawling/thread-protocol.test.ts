import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { connectCrawler, endedUnexpectedly } from '../../../src/app/crawling/thread-protocol.js';

/** A thread that never answers, and ends when it is told to. */
const silentWorker = () => Object.assign(new EventEmitter(), { postMessage: () => undefined });
const connect = (worker: EventEmitter) => connectCrawler<unknown>(worker as unknown as Worker);

describe('a call of the crawler', () => {
  it.each<[string, (worker: EventEmitter) => void, RegExp]>([
    ['exits', (worker) => worker.emit('exit', 3), /ended unexpectedly: exit code 3/],
    ['breaks down', (worker) => worker.emit('error', new TypeError('no such thing')), /unexpectedly: no such thing/],
    ['throws anything', (worker) => worker.emit('error', 'words'), /ended unexpectedly: words/],
  ])('is rejected when its thread %s, and so is each one after that', async (_, end, reason) => {
    const worker = silentWorker();
    const crawler = connect(worker);
    const before = crawler.check();
    end(worker);
    await expect(before).rejects.toThrow(reason);
    await expect(crawler.stop()).rejects.toThrow(reason);
    await expect(crawler.reload({})).rejects.toMatchObject({ code: 'internal' });
  });

  it('says how a thread may have more memory', () => {
    const error = Object.assign(new Error('JS heap out of memory'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
    expect(endedUnexpectedly(error).message).toMatch(
      /JS heap out of memory; allow it more memory with NODE_OPTIONS=--max-old-space-size=MIB/,
    );
  });
});
