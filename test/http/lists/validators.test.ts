import { describe, expect, it } from 'vitest';
import type { Space } from '../../../src/domain/model/space.js';
import {
  createValidators,
  datableFrom,
  hasOtherRevision,
  isBehind,
  isDatable,
  isUnchanged,
} from '../../../src/http/lists/validators.js';

const CHANGED = Date.UTC(2026, 2, 2, 10, 0, 0, 400);
const NOW = CHANGED + 60_000;
const date = (ms: number) => new Date(ms).toUTCString();
const ask = (headers: { ifNoneMatch?: string; ifModifiedSince?: string }) =>
  isUnchanged({ ifNoneMatch: undefined, ifModifiedSince: undefined, ...headers }, 'W/"a-1"', CHANGED, NOW);

const RUN = '0123456789ab';

describe('what a client was told by another host', () => {
  const space = { id: 7, revision: 5 };
  it.each([
    ['an earlier revision', `W/"${RUN}-7-4-q-fresh"`, false],
    ['the same', `W/"${RUN}-7-5-q-fresh"`, false],
    ['a later one', `W/"${RUN}-7-6-q-fresh"`, true],
    ['a later one of another list', `"x", W/"${RUN}-7-16-other-csv-stale"`, true],
    ['a later one without a W/', `"${RUN}-7-6-q-fresh"`, true],
    ['a space that came after this', `W/"${RUN}-8-1-q-fresh"`, true],
    ['a space before this', `W/"${RUN}-6-9-q-fresh"`, false],
    ['another run', `W/"ba9876543210-7-6-q-fresh"`, false],
    ['nothing', undefined, false],
    ['anything', '*', false],
    ['no tag of ours', 'W/"7-6"', false],
  ])('makes this host look again or not: %s', (_case, ifNoneMatch, is) => {
    expect(isBehind(space, ifNoneMatch, RUN)).toBe(is);
  });

  it.each([
    ['another revision, which may be a later one', `W/"${RUN}-7-4-q-fresh"`, true],
    ['another space', `W/"${RUN}-6-5-q-fresh"`, true],
    ['the same', `W/"${RUN}-7-5-q-stale"`, false],
    ['another run', `W/"ba9876543210-7-6-q-fresh"`, false],
    ['nothing', undefined, false],
  ])('is another where revisions have no order: %s', (_case, ifNoneMatch, is) => {
    expect(hasOtherRevision(space, ifNoneMatch, RUN)).toBe(is);
  });

  it('counts where this host knows of no space', () => {
    expect(isBehind(null, `W/"${RUN}-7-6-q-fresh"`, RUN)).toBe(true);
    expect(isBehind(null, `W/"${RUN}-0-0-q-none"`, RUN)).toBe(false);
  });

  it('is read from the tags that are given', () => {
    const tell = createValidators(RUN);
    const { etag } = tell({ ...space, changedAt: 0, addedAt: 0, lastSuccessAt: 0 } as Space, 'fresh', 'q');
    expect(isBehind({ id: 7, revision: 4 }, etag, RUN)).toBe(true);
    expect(isBehind(space, etag, RUN)).toBe(false);
  });
});

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
