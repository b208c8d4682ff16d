import fc from 'fast-check';
import { expect, it } from 'vitest';
import { covers, type SyncScope, widen } from '../../../src/domain/policy/sync-filing.js';
import { at } from '../../contract/index-under-test.js';

const anyScope = fc.oneof(
  fc.constantFrom<SyncScope>({ mode: 'full', targets: [] }, { mode: 'incremental', targets: [] }),
  fc
    .uniqueArray(fc.integer({ min: 0, max: 150 }), { maxLength: 100 })
    .map((numbers): SyncScope => ({ mode: 'hint', targets: numbers.map((number) => at(`d${number}`)) })),
);

it('widens to a scope that covers both, names nothing twice and at most a hundred targets', () => {
  fc.assert(
    fc.property(anyScope, anyScope, (a, b) => {
      const both = widen(a, b);
      expect(covers(both, a) && covers(both, b)).toBe(true);
      expect(new Set(both.targets).size).toBe(both.targets.length);
      expect(both.targets.length).toBeLessThanOrEqual(both.mode === 'hint' ? 100 : 0);
    }),
  );
});

it('covers no more than it lists', () => {
  expect(covers({ mode: 'hint', targets: [at('a')] }, { mode: 'hint', targets: [at('a'), at('b')] })).toBe(false);
  expect(covers({ mode: 'incremental', targets: [] }, { mode: 'full', targets: [] })).toBe(false);
});
