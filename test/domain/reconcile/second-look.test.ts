import { expect, it } from 'vitest';
import type { ImageResource } from '../../../src/domain/model/image.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import { judgeSecondLook } from '../../../src/domain/reconcile/second-look.js';

const at = (path: string) => path as ResourcePath;
const image = (path: string): ImageResource => ({ path: at(path), sizeBytes: 1, etag: null, modifiedAt: null });

it.each<
  [
    string,
    { missing?: string; surplus?: string; listed?: string },
    Partial<Record<'wrong' | 'appeared', string[]>>,
    boolean,
  ]
>([
  ['a search missed what is listed before and after it', { missing: 'd/x', listed: 'd/x' }, { wrong: ['d/x'] }, false],
  ['what it lacks has gone meanwhile', { missing: 'd/x' }, {}, true],
  ['it showed what is listed neither before nor after it', { surplus: 'd/x' }, { wrong: ['d/x'] }, false],
  ['what it showed is there after all', { surplus: 'd/x', listed: 'd/x' }, { appeared: ['d/x'] }, true],
  ['another folder is in doubt', { missing: 'e/x', surplus: 'e/y' }, {}, false],
  ['a folder below it is', { missing: 'd/e/x', surplus: 'd/e/y' }, {}, false],
])('%s', (_, { missing, surplus, listed }, { wrong = [], appeared = [] }, isOther) => {
  const setOf = (path?: string) => new Set(path === undefined ? [] : [at(path)]);
  const images = listed === undefined ? [] : [image(listed)];
  const look = judgeSecondLook(at('d'), images, { missing: setOf(missing), surplus: setOf(surplus) });
  expect(look).toEqual({ wrong, appeared: appeared.map(image), isOther });
});
