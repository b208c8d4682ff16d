import { expect, test } from 'vitest';
import {
  chargeReading,
  settleReading,
  USUAL_READING_BYTES,
  waitBeforeReading,
} from '../../../src/domain/policy/reading-pace.js';

const LIMITS = { bytesPerSecond: USUAL_READING_BYTES, requestsAtOnce: 1 };

test('a usual reading is paid for by the time that its bytes take', () => {
  expect(waitBeforeReading(chargeReading(5_000, 5_000, LIMITS), 5_000)).toBe(1_000);
});

test('time that was not used is not saved up', () => {
  expect(chargeReading(0, 60_000, LIMITS)).toBe(61_000);
});

test('a longer one is charged for at its end, a shorter one gets the rest back', () => {
  const paidAt = chargeReading(0, 0, LIMITS);
  expect(settleReading(paidAt, 3 * USUAL_READING_BYTES, LIMITS)).toBe(3_000);
  expect(settleReading(paidAt, 0, LIMITS)).toBe(0);
});
