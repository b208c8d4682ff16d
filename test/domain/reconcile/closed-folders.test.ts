import { expect, test } from 'vitest';
import { judgeRefusal } from '../../../src/domain/reconcile/closed-folders.js';

test.for([
  ['the root', true, 1, 0, 'refused'],
  ['the root, whatever it said before', true, 1, 5, 'refused'],
  ['the first folder', false, 1, 0, 'ask the root'],
  ['another one after the root has taken them', false, 1, 1, 'closed'],
  ['two in a row after that', false, 2, 1, 'ask the root'],
  ['two in a row after the root has taken them twice', false, 2, 2, 'closed'],
  ['eight in a row', false, 8, 1_000, 'closed'],
  ['nine in a row', false, 9, 1_000, 'ask the root'],
] as const)('a 401 of %s', ([, isRoot, inARow, confirmations, verdict]) => {
  expect(judgeRefusal({ isRoot, isSent: true, inARow, confirmations })).toBe(verdict);
});

test.for([
  ['a folder', false, 0, 'ask the root'],
  ['the root', true, 0, 'ask the root'],
  ['the root, which has taken them meanwhile', true, 1, 'closed'],
] as const)('a request for %s that was kept back because of a 401', ([, isRoot, confirmations, verdict]) => {
  expect(judgeRefusal({ isRoot, isSent: false, inARow: 1, confirmations })).toBe(verdict);
});
