import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesFromPath,
  depthOf,
  isWithin,
  nameOf,
  parentOf,
  pathFromBytes,
  type ResourcePath,
  ROOT,
  withAncestors,
} from '../../../src/domain/model/path.js';
import { runsOf } from '../../support/thorough.js';

const path = (text: string) => text as ResourcePath;
const bytes = (...parts: (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));

describe('pathFromBytes', () => {
  it.each([
    ['plain ASCII', bytes('images/x.ova'), 'images/x.ova'],
    ['valid UTF-8 as it is, NFD too', bytes('cafe\u0301 ☃ 😀.ova'), 'cafe\u0301 ☃ 😀.ova'],
    ['percent signs as they are', bytes('100%E9.ova'), '100%E9.ova'],
    ['a Latin-1 byte', bytes('latin1-', 0xe9, '.ova'), 'latin1-‛E9.ova'],
    ['bytes at both ends', bytes(0xff, 'x', 0x80), '‛FFx‛80'],
    ['an overlong form', bytes(0xc0, 0xaf), '‛C0‛AF'],
    ['an encoded surrogate', bytes(0xed, 0xa0, 0x80), '‛ED‛A0‛80'],
    ['a character cut short', bytes('a', 0xe2, 0x82, 'b'), 'a‛E2‛82b'],
    ['a genuine U+201B that reads as no escape', bytes('‛n’ x.ova'), '‛n’ x.ova'],
    ['a genuine U+201B that would', bytes('‛E9.ova'), '‛E2‛80‛9BE9.ova'],
    ['a byte order mark', bytes('\uFEFFx.ova'), '\uFEFFx.ova'],
  ])('writes %s', (_case, from, expected) => {
    expect(pathFromBytes(from)).toBe(expected);
    expect(Buffer.from(bytesFromPath(path(expected)))).toEqual(from);
  });

  const awkward = fc.oneof(
    fc.uint8Array({ maxLength: 24 }),
    fc
      .array(fc.constantFrom('‛', 'E9', '80', 'e9', 'a', '%', 0xe2, 0x80, 0x9b, 0xe9, 0xf0, 0x9f), { maxLength: 12 })
      .map((parts) => new Uint8Array(bytes(...parts))),
  );

  it('leads back to the same bytes whatever they are', () => {
    fc.assert(
      fc.property(awkward, (from) => {
        expect(Buffer.from(bytesFromPath(pathFromBytes(from)))).toEqual(Buffer.from(from));
      }),
      { numRuns: runsOf(2_000) },
    );
  });

  it('is always valid Unicode, so that JSON and SQLite carry it unharmed', () => {
    fc.assert(
      fc.property(awkward, (from) => {
        const text = pathFromBytes(from);
        expect(Buffer.from(text).toString('utf8')).toBe(text);
      }),
    );
  });
});

describe('the parts of a path', () => {
  it.each([
    ['', '', '', 0],
    ['x.ova', 'x.ova', '', 1],
    ['a/b/x.ova', 'x.ova', 'a/b', 3],
  ])('of "%s"', (text, name, parent, depth) => {
    expect(nameOf(path(text))).toBe(name);
    expect(parentOf(path(text))).toBe(parent);
    expect(depthOf(path(text))).toBe(depth);
  });

  it('names a path and all that contains it, up to the root', () => {
    expect(withAncestors(path('a/b/c'))).toEqual(['a/b/c', 'a/b', 'a', '']);
    expect(withAncestors(ROOT)).toEqual(['']);
  });

  it('tells what lies within by whole names', () => {
    expect(isWithin(path('a/b/c'), path('a/b'))).toBe(true);
    expect(isWithin(path('a/b'), path('a/b'))).toBe(true);
    expect(isWithin(path('a/bc'), path('a/b'))).toBe(false);
    expect(isWithin(path('a'), ROOT)).toBe(true);
  });
});
