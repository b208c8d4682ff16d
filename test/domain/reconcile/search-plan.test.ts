import { describe, expect, it } from 'vitest';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { ShownImage } from '../../../src/domain/model/shown-image.js';
import { searchRoute, startSearchComparison, stillThere } from '../../../src/domain/reconcile/search-plan.js';

const image = (path: string, changes: Partial<ShownImage> = {}): ShownImage => ({
  path: path as ResourcePath,
  sizeBytes: 1,
  etag: null,
  modifiedAt: 5,
  isSettled: true,
  ...changes,
});

function routeOf(
  shown: readonly ShownImage[],
  found: readonly ShownImage[],
  { isLearning = false, hasRootMoved = false } = {},
) {
  const comparison = startSearchComparison(found);
  for (const each of shown) comparison.add([each]);
  const route = searchRoute(comparison.end(), { isLearning, hasRootMoved });
  return route === null ? null : { first: route.first, after: Object.fromEntries(route.after) };
}
const images = (...paths: readonly string[]) => paths.map((path) => image(path));

describe('the way to what a search shows otherwise than the index', () => {
  it.each<[string, ShownImage[], ShownImage[], string[], Record<string, string[]>]>([
    ['leads nowhere if both agree', images('x.ova', 'a/y.ova'), images('a/y.ova', 'x.ova'), [], {}],
    ['leads to the collection of a new image', images('a/x.ova'), images('a/x.ova', 'a/b/y.ova'), ['a/b'], {}],
    ['leads to the root for one in the root', [], images('x.ova'), [''], {}],
    ['leads to one of another size', images('a/x.ova'), [image('a/x.ova', { sizeBytes: 2 })], ['a'], {}],
    ['leads to one of another date', images('a/x.ova'), [image('a/x.ova', { modifiedAt: 6 })], ['a'], {}],
    [
      'leads to one that may still be written to',
      [image('a/x.ova', { isSettled: false })],
      images('a/x.ova'),
      ['a'],
      {},
    ],
    ['leads to one that is missing, without a detour', images('a/b/x.ova', 'y.ova'), images('y.ova'), ['a/b'], {}],
    ['leads there also if nothing is found at all', images('a/x.ova'), [], ['a'], {}],
    [
      'asks the folder first below which everything is missing',
      images('a/b/x.ova', 'a/b/c/x.ova', 'a/d/x.ova', 'y.ova'),
      images('y.ova'),
      ['a'],
      { a: ['a/b', 'a/b/c', 'a/d'] },
    ],
    [
      'but no folder that still holds something',
      images('a/b/x.ova', 'a/d/x.ova', 'a/e/y.ova'),
      images('a/e/y.ova'),
      ['a/b', 'a/d'],
      {},
    ],
    [
      'leads from one that holds some to those below it',
      images('a/x.ova', 'a/b/x.ova', 'y.ova'),
      images('y.ova'),
      ['a'],
      { a: ['a/b'] },
    ],
  ])('%s', (_name, shown, found, first, after) => {
    expect(routeOf(shown, found)).toEqual({ first, after });
  });

  it('leads through all collections above it while there is something to learn', () => {
    const found = images('a/b/x.ova', 'a/c/x.ova', 'y.ova');
    expect(routeOf([], found, { isLearning: true })).toEqual({ first: [''], after: { '': ['a'], a: ['a/b', 'a/c'] } });
    expect(routeOf(found, found, { isLearning: true })).toEqual({ first: [], after: {} });
  });

  it.each([true, false])(
    'leads to the root alone if that has moved and no image explains it (learning: %s)',
    (isLearning) => {
      const found = images('a/b/x.ova', 'y.ova');
      expect(routeOf(found, found, { isLearning, hasRootMoved: true })).toEqual({ first: [''], after: {} });
      const change = routeOf(images('y.ova'), found, { isLearning, hasRootMoved: true });
      expect(change).toEqual(routeOf(images('y.ova'), found, { isLearning }));
    },
  );

  it('is a walk if more than a hundred collections differ', () => {
    const found = Array.from({ length: 101 }, (_, n) => image(`${n}/x.ova`));
    expect(routeOf([], found.slice(1))?.first).toHaveLength(100);
    expect(routeOf([], found)).toBeNull();
  });

  it('ends where a listing no longer leads on', () => {
    const listed = [{ path: 'a/b' as ResourcePath }];
    const next = ['a/b', 'a/b/c', 'a/bc', 'a/d'] as ResourcePath[];
    expect(stillThere(next, listed)).toEqual(['a/b', 'a/b/c']);
  });
});
