import fc from 'fast-check';
import { expect, it } from 'vitest';
import { joinKeys } from '../../src/sql/space-cache.js';
import { runsOf } from '../support/thorough.js';

/** Few characters, so that texts are found, at the ends of keys and across them. */
const text = (maxLength: number) =>
  fc.array(fc.constantFrom('a', 'b', 'ß', '中', '\n'), { maxLength }).map((characters) => characters.join(''));

it('finds the keys that a look at each of them finds', () => {
  fc.assert(
    fc.property(fc.array(text(6), { maxLength: 12 }), fc.array(text(3), { maxLength: 3 }), (keys, texts) => {
      const holders = [...keys.keys()].filter((at) => texts.every((each) => keys[at]?.includes(each)));
      expect(joinKeys(keys).holdersOf(texts)).toEqual(holders);
    }),
    { numRuns: runsOf(2_000) },
  );
});
