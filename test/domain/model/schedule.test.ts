import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spreadOffsets } from '../../../src/domain/model/schedule.js';

describe('spreadOffsets', () => {
  it('lets a single space wait for nothing', () => {
    expect(spreadOffsets(['jm'], 900_000)).toEqual(new Map([['jm', 0]]));
  });

  it('spreads the starts evenly over four fifths of the interval, whatever the order of the users', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 50 }), (users) => {
        const offsets = spreadOffsets(users, 1_000_000);
        expect(spreadOffsets([...users].reverse(), 1_000_000)).toEqual(offsets);
        const sorted = [...offsets.values()].sort((a, b) => a - b);
        const step = 800_000 / users.length;
        expect(sorted).toEqual(sorted.map((_, i) => Math.floor(i * step)));
      }),
    );
  });
});
