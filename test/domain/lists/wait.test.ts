import { describe, expect, it } from 'vitest';
import { awaitedSpace } from '../../../src/domain/lists/space-states.js';
import { preferredWait, signOf } from '../../../src/domain/lists/wait.js';

describe('the wait that a client prefers', () => {
  it.each([
    [undefined, 0],
    ['', 0],
    ['wait=30', 30],
    ['wait=60', 60],
    ['wait=61', 60],
    ['wait=999999999', 60],
    ['wait=0', 0],
    ['Wait = 5', 5],
    ['wait="7"', 7],
    ['respond-async, wait=10', 10],
    ['handling=strict; x=1, wait=10, wait=20', 10],
    ['wait', 0],
    ['wait=-1', 0],
    ['wait=1.5', 0],
    ['wait=ten', 0],
    ['await=10', 0],
  ])('is of %j %i seconds', (prefer, seconds) => {
    expect(preferredWait(prefer)).toBe(seconds);
  });
});

describe('the sign of a list', () => {
  const space = { ...awaitedSpace({ user: 'jm', url: 'http://dav.test/jm/' }), id: 1, revision: 7 };

  it.each([
    ['another revision', { revision: 8 }],
    ['another space of the same user', { id: 2 }],
    ['trouble', { trouble: { kind: 'failed', message: 'no answer', at: 1 } } as const],
    ['a removal that is held', { heldRemovals: 3 }],
  ])('is another one with %s', (_, change) => {
    expect(signOf({ ...space, ...change })).not.toBe(signOf(space));
  });

  it('is the same after a look that has found nothing new', () => {
    expect(signOf({ ...space, lastSuccessAt: 5 } as typeof space)).toBe(signOf(space));
    expect(signOf(null)).toBe('');
  });
});
