import { expect, test } from 'vitest';
import { pathInSpace } from '../../../src/domain/description/path-in-space.js';

test.each([
  ['x.ova', 'x.ova'],
  ['/lab/x.ova', 'lab/x.ova'],
  ['./lab//x.ova/', 'lab/x.ova'],
  ['100%/a b/..x.ova', '100%/a b/..x.ova'],
  ['%2e%2e/x.ova', '%2e%2e/x.ova'],
  ['C:/x.ova', 'C:/x.ova'],
])('%j is %j in a space', (given, path) => {
  expect(pathInSpace(given)).toEqual({ kind: 'path', path });
});

test.each([
  ['https://elsewhere.example/x.ova', /^is a URL; name a file by its path below the root of the space/],
  ['file:///etc/passwd', /^is a URL/],
  ['../other/x.ova', /^has a "\.\."/],
  ['lab/../../x.ova', /^has a "\.\."/],
  ['lab/..', /^has a "\.\."/],
  ['', /^is no file/],
  ['/', /^is no file/],
  ['./', /^is no file/],
])('%j is refused', (given, why) => {
  const found = pathInSpace(given);
  expect(found.kind === 'refused' ? found.why : found).toMatch(why);
});
