import { expect, test } from 'vitest';
import { EXIT, graver } from '../../../src/cli/terminal/exit-code.js';

test.each([
  [EXIT.ok, EXIT.ok, EXIT.ok],
  [EXIT.ok, EXIT.incomplete, EXIT.incomplete],
  [EXIT.incomplete, EXIT.notFound, EXIT.notFound],
  [EXIT.notFound, EXIT.storage, EXIT.storage],
  [EXIT.storage, EXIT.damaged, EXIT.damaged],
  [EXIT.damaged, EXIT.internal, EXIT.internal],
])('of exit codes %i and %i, whichever comes first, the graver is %i', (one, other, graverOne) => {
  expect(graver(one, other)).toBe(graverOne);
  expect(graver(other, one)).toBe(graverOne);
});
