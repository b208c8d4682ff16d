import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPlacesById } from '../../../src/sqlite/scan/places-by-id.js';
import { runsOf } from '../../support/thorough.js';

describe('places by ids', () => {
  it('are those of the ids in the list, and of no others', () => {
    const anyId = fc.oneof(fc.nat(40), fc.nat(5_000), fc.integer({ min: 2 ** 32 - 100, max: 2 ** 32 - 1 }));
    fc.assert(
      fc.property(fc.uniqueArray(anyId, { maxLength: 60 }), fc.array(anyId), (list, others) => {
        const ids = Uint32Array.from(list).sort();
        const byId = createPlacesById(
          ids,
          Uint32Array.from(ids, (id) => list.indexOf(id)),
        );
        for (const [place, id] of list.entries()) expect(byId.placeOf(id)).toBe(place);
        for (const id of [...others, 0, 2 ** 32, 2 ** 40]) {
          if (!list.includes(id)) expect(byId.placeOf(id)).toBeUndefined();
        }
      }),
      { numRuns: runsOf(400) },
    );
  });

  it('take little more than the ids and their places', () => {
    const ids = Uint32Array.from({ length: 10_000 }, (_, i) => 7 * i);
    expect(createPlacesById(ids, ids).bytes).toBeLessThan(8.5 * ids.length);
  });
});
