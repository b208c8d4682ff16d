import { expect, it } from 'vitest';
import { placeOf } from '../../src/console/layout.js';

it.each([
  ['/images', '/images'],
  ['/images/7', '/images'],
  ['/space/tokens/1/end', '/space'],
  ['/admin', '/admin'],
  ['/admin/spaces/jm/held', '/admin/spaces'],
  // A page of its own, for which the navigation has no name.
  ['/admin/forget', ''],
  ['/spaces', ''],
])('the page %s belongs to %j', (path, place) => {
  expect(placeOf(path)).toBe(place);
});
