import { expect, it } from 'vitest';
import { createReach } from '../../../src/crawl/sync/reach.js';
import { type ResourcePath, ROOT } from '../../../src/domain/model/path.js';

const at = (path: string) => path as ResourcePath;

it('reaches as deep as it is told', () => {
  const reach = createReach(2);
  expect([ROOT, at('a'), at('a/b'), at('a/b/c')].map((path) => reach.has(path))).toEqual([true, true, true, false]);
  expect(reach.message).toBe('deeper than 2 collections (crawl.maxDepth); not listed');
});
