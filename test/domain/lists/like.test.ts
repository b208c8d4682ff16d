import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesLike, parseLike } from '../../../src/domain/lists/like.js';
import { nameKey } from '../../../src/domain/model/image.js';

const isLike = (text: string, pattern: string) => matchesLike(parseLike(pattern), nameKey(text));

describe('like', () => {
  it.each([
    ['Ubuntu.ova', 'ubuntu.ova', true],
    ['Ubuntu.ova', 'ubuntu', false],
    ['Ubuntu.ova', 'UBU%', true],
    ['Ubuntu.ova', '%.OVA', true],
    ['Ubuntu.ova', '%UNT%', true],
    ['Ubuntu.ova', 'u%.ova', true],
    ['Ubuntu.ova', 'b%.ova', false],
    ['Ubuntu.ova', '%', true],
    ['', '%', true],
    ['Ubuntu.ova', '%%%', true],
    ['Ubuntu.ova', '_buntu.ova', false],
    ['100%_x.ova', '100\\%\\_x%', false], // `_` is literal anyway, so its backslash is one of the name
    ['100%_x.ova', '100\\%_x%', true],
    ['100ab.ova', '100\\%%', false],
    ['a\\b.ova', 'a\\b%', true],
    ['a\\b.ova', 'a\\\\b%', true],
    ['a;b.ova', 'a\\;b%', true],
    ['A\u0308.ova', '%ä%', true],
    ['ä.ova', 'A\u0308.ova', true],
    ['ΟΔΟΣ.ova', 'οδοσ.ova', true],
    ['aXa.ova', 'a%a%a%', true],
    ['aa.ova', 'a%aa%', false], // parts don't overlap
    ['aba', 'ab%ba', false],
  ])('%j matches %j: %s', (text, pattern, expected) => expect(isLike(text, pattern)).toBe(expected));

  it('finds what a regular expression finds', () => {
    const piece = fc.constantFrom('a', 'b', 'A', '%', '.', '*', '_');
    const text = fc.array(fc.constantFrom('a', 'b', '.', '*', '_'), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), text, (pieces, characters) => {
        const expression = pieces.map((each) => (each === '%' ? '.*' : each.toLowerCase().replace(/[.*]/, '\\$&')));
        const expected = new RegExp(`^${expression.join('')}$`, 's').test(characters.join(''));
        expect(isLike(characters.join(''), pieces.join(''))).toBe(expected);
      }),
    );
  });

  it('takes huge patterns', () => {
    const pattern = parseLike('%a'.repeat(32_768));
    expect(pattern).toHaveLength(32_769);
    expect(matchesLike(pattern, 'a'.repeat(32_767))).toBe(false);
    expect(matchesLike(pattern, `x${'a'.repeat(32_768)}`)).toBe(true);
    expect(parseLike('%'.repeat(65_536))).toEqual(['', '']);
  });
});
