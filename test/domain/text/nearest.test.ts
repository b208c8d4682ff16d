import { expect, it } from 'vitest';
import { nearestOf } from '../../../src/domain/text/nearest.js';

it.each([
  ['jmm', ['jm', 'lab'], 'jm'],
  ['JM', ['jm', 'lab'], 'jm'],
  ['lba', ['jm', 'lab'], 'lab'],
  ['jüren', ['jürgen'], 'jürgen'],
  ['nobody', ['jm', 'lab'], null],
  ['x', ['jm'], null],
  ['jm', [], null],
])('of %j among %j is %j', (word, candidates, nearest) => expect(nearestOf(word, candidates)).toBe(nearest));
