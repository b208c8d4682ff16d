import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PIECE, sortPlaces } from '../../../src/sqlite/lists/radix-sort.js';
import { runsOf } from '../../support/thorough.js';

function finish<T>(work: Generator<void, T>): { value: T; pauses: number } {
  for (let pauses = 0; ; pauses++) {
    const step = work.next();
    if (step.done === true) return { value: step.value, pauses };
  }
}

const anyKey = fc.oneof(
  fc.integer({ min: -1, max: 3 }),
  fc.integer({ min: -1, max: 2 ** 31 }),
  fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
  fc.constantFrom(-1, 2 ** 14 - 2, 2 ** 14 - 1, 2 ** 28, 2 ** 42, Number.MAX_SAFE_INTEGER),
);

it('sorts by keys of any size both ways, and leaves what is equal as it was', () => {
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 50 }), fc.boolean(), (keys, isDescending) => {
      const places = keys.map((_key, i) => i).reverse();
      const expected = places.toSorted((a, b) => {
        const difference = (keys[a] ?? 0) - (keys[b] ?? 0);
        return isDescending ? -difference : difference;
      });
      const { value } = finish(sortPlaces(Uint32Array.from(places), Float64Array.from(keys), isDescending));
      expect([...value]).toEqual(expected);
    }),
    { numRuns: runsOf(300) },
  );
});

it('pauses all along, however long the list is', () => {
  const count = 3 * PIECE + 1;
  const keys = Float64Array.from({ length: count }, (_none, i) => (i * 7919) % count);
  const { value, pauses } = finish(sortPlaces(Uint32Array.from(keys.keys()), keys));
  expect([...value.subarray(0, 3), value.at(-1)].map((place) => keys[place ?? 0])).toEqual([0, 1, 2, count - 1]);
  // Least and most, then counting and placing for each of two digits.
  expect(pauses).toBe(4 * 5);
});
