import { describe, expect, it } from 'vitest';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { ShownImage } from '../../../src/domain/model/shown-image.js';
import {
  collectionsOf,
  isAgreed,
  searchRoute,
  startSearchComparison,
  stillThere,
} from '../../../src/domain/reconcile/search-plan.js';

const image = (path: string, changes: Partial<ShownImage> = {}): ShownImage => ({
  path: path as ResourcePath,
  sizeBytes: 1,
  etag: null,
  modifiedAt: 5,
  isSettled: true,
  ...changes,
});

const isExcluded = (path: string) => /(^|\/)(bin|old\.ova)$/.test(path);

function routeOf(
  shown: readonly ShownImage[],
  found: readonly ShownImage[],
  { isLearning = false, hasRootMoved = false, late = [] as readonly string[] } = {},
) {
  const comparison = startSearchComparison(found, isExcluded);
  for (const each of shown) comparison.add([each]);
  const route = searchRoute(comparison.end(), { isLearning, hasRootMoved, late: late as readonly ResourcePath[] });
  if (route === null) return null;
  const { first, later, after, above } = route;
  return { first, later, after: Object.fromEntries(after), above: Object.fromEntries(above) };
}
const images = (...paths: readonly string[]) => paths.map((path) => image(path));

describe('the way to what a search shows otherwise than the index', () => {
  it.each<[string, ShownImage[], ShownImage[], string[], string[], Record<string, string[]>]>([
    ['leads nowhere if both agree', images('x.ova', 'a/y.ova'), images('a/y.ova', 'x.ova'), [], [], {}],
    ['leads to the collection of a new image', images('a/x.ova'), images('a/x.ova', 'a/b/y.ova'), ['a/b'], [], {}],
    ['leads to the root for one in the root', [], images('x.ova'), [''], [], {}],
    ['leads to one of another size', images('a/x.ova'), [image('a/x.ova', { sizeBytes: 2 })], ['a'], [], {}],
    ['leads to one of another date', images('a/x.ova'), [image('a/x.ova', { modifiedAt: 6 })], ['a'], [], {}],
    [
      'leads to one that may still be written to',
      [image('a/x.ova', { isSettled: false })],
      images('a/x.ova'),
      [],
      ['a'],
      {},
    ],
    ['leads to one that is missing, without a detour', images('a/b/x.ova', 'y.ova'), images('y.ova'), [], ['a/b'], {}],
    [
      'leads to the folder of one that is excluded since',
      images('a/old.ova', 'a/x.ova'),
      images('a/x.ova'),
      [],
      ['a'],
      {},
    ],
    [
      'leads above a folder that is excluded since',
      images('a/bin/b/x.ova', 'a/y.ova'),
      images('a/y.ova'),
      [],
      ['a'],
      {},
    ],
    ['leads above the topmost of them', images('bin/b/bin/x.ova', 'a/y.ova'), images('a/y.ova'), [], [''], {}],
    ['leads there also if nothing is found at all', images('a/x.ova'), [], [], ['a'], {}],
    [
      'asks the folder first below which everything is missing',
      images('a/b/x.ova', 'a/b/c/x.ova', 'a/d/x.ova', 'y.ova'),
      images('y.ova'),
      [],
      ['a'],
      { a: ['a/b', 'a/b/c', 'a/d'] },
    ],
    [
      'but no folder that still holds something',
      images('a/b/x.ova', 'a/d/x.ova', 'a/e/y.ova'),
      images('a/e/y.ova'),
      [],
      ['a/b', 'a/d'],
      {},
    ],
    [
      'leads from one that holds some to those below it',
      images('a/x.ova', 'a/b/x.ova', 'y.ova'),
      images('y.ova'),
      [],
      ['a'],
      { a: ['a/b'] },
    ],
    [
      'leads to what is new before all that may be gone or still be written to',
      [...images('a/x.ova', 'b/y.ova'), image('c/z.ova', { isSettled: false })],
      images('a/x.ova', 'c/z.ova', 'd/new.ova'),
      ['d'],
      ['c', 'b'],
      {},
    ],
  ])('%s', (_name, shown, found, first, later, after) => {
    expect(routeOf(shown, found)).toEqual({ first, later, after, above: {} });
  });

  it('ends with all collections above it while there is something to learn', () => {
    const found = images('a/b/x.ova', 'a/c/d/x.ova', 'y.ova');
    expect(routeOf([], found, { isLearning: true })).toEqual({
      first: ['a/b', 'a/c/d', ''],
      later: [],
      after: {},
      above: { '': ['a'], a: ['a/c'], 'a/c': [] },
    });
    expect(routeOf(images('a/x.ova'), [], { isLearning: true })).toEqual({
      first: [],
      later: ['a'],
      after: {},
      above: { '': [] },
    });
    expect(routeOf(found, found, { isLearning: true })).toEqual({ first: [], later: [], after: {}, above: {} });
  });

  it('leads to folders where files may have come late, once and behind all others, and counts none of them', () => {
    const agreed = images('a/x.ovf', 'b/y.ova');
    expect(routeOf(agreed, agreed, { late: ['a'] })).toMatchObject({ first: [], later: ['a'] });
    expect(routeOf(agreed, agreed, { late: ['a', ''], hasRootMoved: true })).toMatchObject({
      first: [''],
      later: ['a'],
    });
    const missing = images('a/x.ovf', 'c/z.ova', 'b/y.ova');
    expect(routeOf(missing, agreed, { late: ['a', 'c'] })).toMatchObject({ first: [], later: ['c', 'a'] });
    const hundred = images(...Array.from({ length: 100 }, (_, at) => `n${at}/x.ova`));
    expect(routeOf([], hundred, { late: ['a'], isLearning: true })).toMatchObject({ later: ['a'] });
    expect(routeOf(agreed, agreed, { late: ['a'], isLearning: true })?.above).toEqual({});
  });

  it('has every collection that it leads to', () => {
    const comparison = startSearchComparison(images('a/b/new.ova'), () => false);
    comparison.add(images('c/d/x.ova', 'c/e/y.ova'));
    const route = searchRoute(comparison.end(), { isLearning: true, hasRootMoved: false });
    const all = route === null ? [] : [...collectionsOf(route)];
    expect(all.toSorted()).toEqual(['', 'a', 'a/b', 'c', 'c/d', 'c/e']);
  });

  it('leads nowhere only where both agree', () => {
    const agreed = (shown: readonly ShownImage[], found: readonly ShownImage[]) => {
      const comparison = startSearchComparison(found, () => false);
      comparison.add(shown);
      return isAgreed(comparison.end());
    };
    expect(agreed(images('a.ova'), images('a.ova'))).toBe(true);
    expect(agreed([image('a.ova', { isSettled: false })], images('a.ova'))).toBe(false);
    expect(agreed(images('a.ova'), [])).toBe(false);
    expect(agreed([], images('a.ova'))).toBe(false);
  });

  it.each([true, false])(
    'leads to the root alone if that has moved and no image explains it (learning: %s)',
    (isLearning) => {
      const found = images('a/b/x.ova', 'y.ova');
      expect(routeOf(found, found, { isLearning, hasRootMoved: true })).toEqual({
        first: [''],
        later: [],
        after: {},
        above: {},
      });
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
