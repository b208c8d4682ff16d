import { describe, expect, it } from 'vitest';
import { datableFrom, isDatable, isUnchanged } from '../../../src/http/lists/validators.js';

const CHANGED = Date.UTC(2026, 2, 2, 10, 0, 0, 400);
const NOW = CHANGED + 60_000;
const date = (ms: number) => new Date(ms).toUTCString();
const ask = (headers: { ifNoneMatch?: string; ifModifiedSince?: string }) =>
  isUnchanged({ ifNoneMatch: undefined, ifModifiedSince: undefined, ...headers }, 'W/"a-1"', CHANGED, NOW);

describe('a precondition', () => {
  it.each([
    ['W/"a-1"', true],
    ['"a-1"', true],
    ['"x", W/"a-1" ,"y"', true],
    ['*', true],
    [' * ', true],
    ['W/"a-2"', false],
    ['a-1', false],
    ['"a-1', false],
    ['"x,W/"', false],
    ['', false],
  ])('If-None-Match: %s is met: %s', (ifNoneMatch, isMet) => {
    expect(ask({ ifNoneMatch })).toBe(isMet);
  });

  it.each([
    ['the second of the change', date(CHANGED), true],
    ['a later time', date(CHANGED + 5_000), true],
    ['an earlier time', date(CHANGED - 1_000), false],
    ['the future', date(NOW + 60_000), false],
    ['no date', 'yesterday', false],
  ])('If-Modified-Since with %s is met: %s', (_case, ifModifiedSince, isMet) => {
    expect(ask({ ifModifiedSince })).toBe(isMet);
  });

  it('counts the tag alone where both come', () => {
    expect(ask({ ifNoneMatch: '"other"', ifModifiedSince: date(NOW) })).toBe(false);
  });

  it('is not met by a date in the second of the change, in which another may follow', () => {
    const preconditions = { ifNoneMatch: undefined, ifModifiedSince: date(CHANGED) };
    expect(isUnchanged(preconditions, '"a"', CHANGED, CHANGED + 100)).toBe(false);
    expect(isDatable(CHANGED, CHANGED + 100)).toBe(false);
    expect(isDatable(CHANGED, CHANGED + 600)).toBe(true);
  });

  it.each([CHANGED, CHANGED + 400, CHANGED + 999])('says from when a change at %i may be dated', (changedAt) => {
    const from = datableFrom(changedAt);
    expect([isDatable(changedAt, from - 1), isDatable(changedAt, from)]).toEqual([false, true]);
    expect(datableFrom(null)).toBe(Number.POSITIVE_INFINITY);
  });
});
