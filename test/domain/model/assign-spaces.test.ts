import { describe, expect, it } from 'vitest';
import { assignSpaces } from '../../../src/domain/model/assign-spaces.js';

const at = (place: string, ...users: readonly string[]) =>
  users.map((user) => ({ user, url: `http://${place}/${user}/` }));
const A = at('a', 'dora', 'jm');
const B = at('b', 'dora', 'lab');

describe('assignSpaces', () => {
  it.each([
    ['the first discovery that finds it', [], [A, B], {}, 'a'],
    ['the first of the configuration', [], [B, A], {}, 'b'],
    ['where the index has it', [], [A, B], { dora: 'http://b/dora/' }, 'b'],
    ['the first, where the index has it elsewhere', [], [A, B], { dora: 'http://c/dora/' }, 'a'],
    ['the only one left', [], [at('a', 'jm'), B], { dora: 'http://a/dora/' }, 'b'],
    ['the configuration’s', at('own', 'dora'), [A, B], { dora: 'http://b/dora/' }, 'own'],
    ['the configuration’s, found or not', at('own', 'dora'), [], {}, 'own'],
  ] as const)('gives a user to %s', (_, configured, found, known, expected) => {
    const { spaces } = assignSpaces(configured, found, new Map(Object.entries(known)), () => null);
    expect(spaces.filter(({ user }) => user === 'dora')).toEqual(at(expected, 'dora'));
  });

  it('says who is found twice, which place is not indexed, why, and what to do', () => {
    expect(assignSpaces([], [A, B], new Map(), () => null).collisions).toEqual([
      '"dora" is also found at http://b/dora/, which is not indexed: http://a/dora/ was first. Rename one of the folders, or name the user in the configuration with the right url.',
    ]);
    expect(assignSpaces(at('own', 'dora'), [A, B], new Map(), () => null).collisions).toEqual([
      '"dora" is also found at http://a/dora/ and http://b/dora/, which are not indexed: http://own/dora/ is the one that the configuration names. Rename the unwanted folders, or remove the user from the configuration.',
    ]);
  });

  it('takes one folder that is found twice, or found and named, for what it is', () => {
    expect(assignSpaces([], [A, A], new Map(), () => null)).toEqual({ spaces: A, collisions: [] });
    expect(assignSpaces(at('a', 'dora'), [A], new Map(), () => null).collisions).toEqual([]);
  });

  it('gives each user one space', () => {
    const { spaces } = assignSpaces(at('own', 'jm', 'kim'), [A, B], new Map(), () => null);
    expect(spaces.map(({ user, url }) => `${user} ${url}`).toSorted()).toEqual([
      'dora http://a/dora/',
      'jm http://own/jm/',
      'kim http://own/kim/',
      'lab http://b/lab/',
    ]);
  });
});
