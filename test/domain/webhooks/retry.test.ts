import { describe, expect, it } from 'vitest';
import {
  afterFailure,
  type Delivery,
  isTaken,
  PATIENCE_MS,
  type Tries,
  UNTRIED,
} from '../../../src/domain/webhooks/retry.js';

const NOW = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
const answered = (status: number, retryAfterMs: number | null = null): Delivery => ({
  kind: 'answered',
  status,
  retryAfterMs,
});
const failed = (attempts: number, firstFailedAt = NOW): Tries => ({
  state: 'waiting',
  attempts,
  firstFailedAt,
  nextAt: NOW,
  lastError: 'it answered 500',
});

describe('a message', () => {
  it.each([
    [200, true],
    [202, true],
    [204, true],
    [199, false],
    [301, false],
    [400, false],
    [410, false],
    [500, false],
  ])('is taken by an answer of %i: %s', (status, taken) => {
    expect(isTaken(answered(status))).toBe(taken);
  });

  it.each([
    ['is tried again after five seconds', UNTRIED, answered(500), 0, 5_000],
    ['with a little chance', UNTRIED, answered(500), 1, 6_000],
    ['then after half a minute', failed(1), answered(500), 0, 30_000],
    ['then after two minutes', failed(2), answered(500), 0, 120_000],
    ['then after ten', failed(3), answered(301), 0, 600_000],
    ['then after an hour', failed(4), answered(500), 0, HOUR_MS],
    ['then after three', failed(5), answered(500), 0, 3 * HOUR_MS],
    ['and every six hours from there on', failed(6), answered(500), 0, 6 * HOUR_MS],
    ['up to a fifth later', failed(15), answered(500), 0.5, 6.6 * HOUR_MS],
    ['when the receiver asks to wait longer', UNTRIED, answered(429, 90_000), 0, 90_000],
    ['no sooner because the receiver would like that', failed(4), answered(503, 1_000), 0, HOUR_MS],
  ])('%s', (_name, before, delivery, random, pauseMs) => {
    expect(afterFailure(before, delivery, NOW, random)).toEqual({
      state: 'waiting',
      attempts: before.attempts + 1,
      firstFailedAt: NOW,
      nextAt: NOW + pauseMs,
      lastError: expect.stringContaining('it answered'),
    });
  });

  it.each([
    ['once five days would be over', failed(20, NOW - PATIENCE_MS + HOUR_MS), answered(500)],
    ['when the receiver asks to wait longer than that', UNTRIED, answered(503, PATIENCE_MS + 1)],
    ['when the receiver is gone for good', UNTRIED, answered(410)],
  ])('is given up %s', (_name, before, delivery) => {
    expect(afterFailure(before, delivery, NOW, 0)).toMatchObject({ state: 'dead', nextAt: null });
  });

  it('is given up after some two dozen tries', () => {
    let tries = UNTRIED;
    let now = NOW;
    while (tries.state !== 'dead') {
      tries = afterFailure(tries, { kind: 'failed', reason: 'connection refused' }, now, 0);
      now = tries.nextAt ?? now;
    }
    expect(tries).toMatchObject({ attempts: 26, firstFailedAt: NOW, lastError: 'connection refused' });
    expect(now).toBeLessThanOrEqual(NOW + PATIENCE_MS);
  });
});
