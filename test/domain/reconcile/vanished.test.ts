import { expect, it } from 'vitest';
import { type Fate, fateOf, type VanishedCollection } from '../../../src/domain/reconcile/vanished.js';

const vanished = (changes: Partial<VanishedCollection>): VanishedCollection => ({
  presence: 'unknown',
  failure: 'rejected',
  respelled: null,
  isSecondFullLook: false,
  hasSaidGone: false,
  isAccepted: false,
  ...changes,
});
const present = { presence: 'present', failure: null } as const;

it.each<[string, Partial<VanishedCollection>, Fate]>([
  ['says so itself', { presence: 'absent', failure: 'not-found' }, 'absent'],
  ['answers as ever', present, 'present'],
  ['answers as ever, though removals were accepted', { ...present, isAccepted: true }, 'present'],
  ['answers as ever at the second full look', { ...present, isSecondFullLook: true }, 'present'],
  ['answers, and is listed in a new spelling', { ...present, respelled: 'new' }, 'renamed'],
  ['answers, and is listed in a known spelling with its very marker', { ...present, respelled: 'alike' }, 'absent'],
  ['answers under the new spelling', { failure: 'foreign-href', respelled: 'new' }, 'renamed'],
  ['answers under a known spelling', { failure: 'foreign-href' }, 'unproven'],
  ['says neither yes nor no', {}, 'unproven'],
  ['may not be read, beside a new spelling', { failure: 'forbidden', respelled: 'new' }, 'unproven'],
  ['says neither at the second full look', { isSecondFullLook: true }, 'absent'],
  ['says neither, and was accepted', { isAccepted: true }, 'absent'],
  ['gives no answer', { failure: 'timeout' }, 'unproven'],
  ['gives none at the second full look', { failure: 'unreachable', isSecondFullLook: true }, 'absent'],
  ['was not asked by a busy host', { failure: 'busy', isSecondFullLook: true }, 'unknown'],
  ['was not asked with credentials that are refused', { failure: 'unauthorized', isSecondFullLook: true }, 'unknown'],
  ['was not asked by a busy host, but has said so before', { failure: 'busy', hasSaidGone: true }, 'absent'],
  ['has said so before, and answers', { ...present, hasSaidGone: true }, 'present'],
  ['has said so before, and may not be read', { failure: 'forbidden', hasSaidGone: true }, 'unproven'],
  ['gives none, and was accepted', { failure: 'timeout', isAccepted: true }, 'absent'],
])('a folder that its parent no longer lists, and that %s', (_case, changes, fate) => {
  expect(fateOf(vanished(changes))).toBe(fate);
});
