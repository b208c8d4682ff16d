import { getEventListeners } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { joinSignals, underAny } from '../../../src/crawl/signals/joined-signals.js';

const CRAWL = new URL('../../../src/crawl/', import.meta.url).pathname;

const controllers = () => [new AbortController(), new AbortController()] as const;
const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

describe('joined signals', () => {
  it.each([0, 1])('are aborted with the one of place %i, for its reason', (place) => {
    const each = controllers();
    const { signal } = joinSignals(each.map((one) => one.signal));
    expect(signal.aborted).toBe(false);
    each[place]?.abort('it stops');
    expect([signal.aborted, signal.reason]).toEqual([true, 'it stops']);
  });

  it.each([0, 1])('are aborted at once if the one of place %i is, and leave nothing with the other', (place) => {
    const each = controllers();
    each[place]?.abort('it has stopped');
    const { signal } = joinSignals(each.map((one) => one.signal));
    expect([signal.aborted, signal.reason]).toEqual([true, 'it has stopped']);
    expect(each.map((one) => listeners(one.signal))).toEqual([0, 0]);
  });

  it('leave nothing behind once they are released, and are aborted no more', () => {
    const [lasting, other] = controllers();
    const { signal, release } = joinSignals([lasting.signal, other.signal]);
    release();
    expect([listeners(lasting.signal), listeners(other.signal)]).toEqual([0, 0]);
    lasting.abort();
    expect(signal.aborted).toBe(false);
  });

  it.each([
    ['ends well', () => Promise.resolve('done'), 'done'],
    ['fails', () => Promise.reject(new Error('it failed')), 'it failed'],
  ])('leave nothing behind after a work that %s', async (_, work, expected) => {
    const [lasting, other] = controllers();
    const ended = await underAny([lasting.signal, other.signal], work).catch((error: Error) => error.message);
    expect(ended).toBe(expected);
    expect([listeners(lasting.signal), listeners(other.signal)]).toEqual([0, 0]);
  });

  it('end a work with the first that is aborted', async () => {
    const [lasting, other] = controllers();
    const work = underAny(
      [lasting.signal, other.signal],
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    other.abort(new Error('it stops'));
    await expect(work).rejects.toThrow('it stops');
    expect(listeners(lasting.signal)).toBe(0);
  });

  it('are all that a crawler joins, since Node keeps others for as long as it runs', () => {
    const files = readdirSync(CRAWL, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
    const joining = files.filter((path) => /AbortSignal\.any\(/.test(readFileSync(join(CRAWL, path), 'utf8')));
    expect(files.length).toBeGreaterThan(50);
    expect(joining).toEqual([]);
  });
});
