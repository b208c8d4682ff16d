import { describe, expect, test } from 'vitest';
import { isAll, judgeRangeAnswer, rangeInWords } from '../../../src/webdav/ranges/judge-answer.js';
import type { DavAnswer } from '../../../src/webdav/transport/transport.js';

const UNKNOWN = { sizeBytes: null, etag: null, modifiedAt: null };
const ALL = Number.POSITIVE_INFINITY;

function answer(status: number, headers: Readonly<Record<string, string>> = {}): DavAnswer {
  return {
    status,
    statusText: '',
    ok: status < 300,
    headers: { get: (name) => headers[name] ?? null, all: (name) => [headers[name] ?? []].flat() },
    opening: () => new Uint8Array(),
    blot: (text) => text,
  };
}

describe('an answer to a request for some bytes', () => {
  test.each([
    [206, 'bytes 100-199/1000', 100, 200, { kind: 'part', lengthBytes: 100 }],
    [206, 'bytes 100-149/1000', 100, 200, { kind: 'part', lengthBytes: 50 }],
    [206, 'bytes 100-999/1000', 100, ALL, { kind: 'rest' }],
    [206, 'bytes 100-499/1000', 100, ALL, { kind: 'rest' }],
    [206, 'bytes 99-999/1000', 100, ALL, { kind: 'failed' }],
    [206, 'bytes 100-200/1000', 100, 200, { kind: 'failed' }],
    [416, 'bytes */50', 100, ALL, { kind: 'beyond', totalBytes: 50 }],
    [412, '', 100, ALL, { kind: 'changed' }],
  ])('of %i with %j, from %i to %d', (status, range, from, end, verdict) => {
    const headers = range === '' ? {} : { 'content-range': range };
    expect(
      judgeRangeAnswer(answer(status, headers), { from, end, listed: UNKNOWN, first: null, habits: [] }),
    ).toMatchObject(verdict);
  });

  test('says what was expected where it fails', () => {
    const failing = (from: number, end: number, status: number, range = 'bytes 0-1/2') =>
      judgeRangeAnswer(answer(status, { 'content-range': range }), {
        from,
        end,
        listed: UNKNOWN,
        first: null,
        habits: [],
      });
    const detailOf = (verdict: ReturnType<typeof failing>) => (verdict.kind === 'failed' ? verdict.failed.detail : '');
    expect(detailOf(failing(100, ALL, 206))).toBe('answered with bytes 0-1/2; expected bytes 100-');
    expect(detailOf(failing(100, 200, 206))).toBe('answered with bytes 0-1/2; expected bytes 100-199');
    expect(detailOf(failing(0, ALL, 204))).toMatch(/expected 200 OK$/);
    expect(detailOf(failing(0, 100, 204))).toMatch(/expected 206 Partial Content$/);
  });
});

test.each([
  [0, 100, 'bytes=0-99', false],
  [100, ALL, 'bytes=100-', false],
  [0, ALL, 'bytes=0-', true],
])('from %i to %d is %s', (from, end, words, all) => {
  expect(rangeInWords({ from, end })).toBe(words);
  expect(isAll({ from, end })).toBe(all);
});
