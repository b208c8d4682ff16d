import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { type Glob, literalOf, matchesGlob, parseGlob } from '../../../src/domain/text/glob.js';
import { fewRunsOf } from '../../support/thorough.js';

function globOf(text: string): Glob {
  const glob = parseGlob(text);
  if (typeof glob === 'string') throw new Error(glob);
  return glob;
}
const matches = (text: string, path: string) => matchesGlob(globOf(text), path.split('/'));

describe('a glob', () => {
  it.each([
    ['a?c', 'abc', true],
    ['a?c', 'a💾c', true],
    ['a?c', 'ac', false],
    ['*', '.hidden', true],
    ['a*', 'a', true],
    ['*a*b', 'xaxb', true],
    ['*a*b', 'xbxa', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[]a]', ']', true],
    ['[a', '[a', true],
    ['[\\]]', ']', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['x\\', 'x\\', true],
    ['{a,b}.ova', 'b.ova', true],
    ['{a,b{1,2}}.ova', 'b2.ova', true],
    ['{a,}.ova', '.ova', true],
    ['{a}.ova', '{a}.ova', true],
    ['{a.ova', '{a.ova', true],
    ['v{1..12}', 'v7', true],
    ['v{1..12}', 'v13', false],
    ['v{01..12}', 'v07', true],
    ['{a..c}', 'b', true],
    ['[{a,b}]', ',', true],
    ['a**b', 'a/b', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**', 'a', true],
    ['*/**', 'a', false],
    ['*/**', 'a/b', true],
    ['a*/**', 'ab', false],
    ['?/**', 'a', true],
    ['**', 'a/b', true],
    ['{a/b,c}', 'a/b', true],
    ['a[(]1[)]', 'a(1)', true],
    ['a\\(1\\)', 'a(1)', true],
    ['#recycle', '#recycle', true],
    ['+x', '+x', true],
  ])('%s on %s: %s', (text, path, expected) => {
    expect(matches(text, path)).toBe(expected);
  });

  it.each(['+(a|b)', '*(copy).ova', '!(x)', 'x(1).ova', 'a|b'])('%s is refused, with what to write instead', (text) => {
    expect(parseGlob(text)).toMatch(/^"[(|]" has no meaning in it; \[[(|]\] stands for the character itself/);
  });

  it.each(['{a,b}'.repeat(30), '{0..9999}', `{${'x,'.repeat(400)}}{${'y,'.repeat(100)}}`])(
    'is refused where its choices are too many: %s',
    (text) => expect(parseGlob(text)).toMatch(/^its choices in braces expand to more than the 4096 characters/),
  );

  it.each([
    ['lost+found', 'lost+found'],
    ['a\\*', 'a*'],
    ['a/b', 'a/b'],
    ['a*', null],
    ['{a,b}', null],
    ['**', null],
  ])('%s stands for %s alone', (text, literal) => expect(literalOf(globOf(text))).toBe(literal));

  it('matches what picomatch matches, where that knows no groups', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      'c',
      '.',
      '-',
      '*',
      '?',
      '**',
      '/',
      '[ab]',
      '[^bc]',
      '{a,b}',
      '{a,b*}',
      '\\*',
    );
    const pattern = fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => pieces.join(''));
    const name = fc.stringMatching(/^[abc.-]{1,4}$/).filter((text) => text !== '.' && text !== '..');
    const path = fc.array(name, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(pattern, path, (text, names) => {
        fc.pre(!/^\/|\/$|\/\/|\*\*\*|\/\.{0,2}(?:\/|$)|^\.{1,2}(?:\/|$)/.test(text));
        // It reads `**` at the edge of a segment that has more in it as one that crosses slashes in some places only.
        fc.pre(!/\*\}\/\*\*$/.test(text.replaceAll('{a,b}', '')));
        fc.pre(text.split('/').every((segment) => segment === '**' || !segment.includes('**')));
        const oracle = picomatch(text, { dot: true, nonegate: true, fastpaths: false });
        const expected = names.some((_, i) => oracle(names.slice(0, i + 1).join('/')));
        expect(matchesGlob(globOf(text), names)).toBe(expected);
      }),
      { numRuns: fewRunsOf(5_000) },
    );
  });
});

describe('a glob with many wildcards', () => {
  const EVIL = [
    '*a*a*a*a*a*a*a*a*b',
    '*-*-*-*-*.bak.ova',
    '**/*a*a*a*a*b',
    '**/a/**/a/**/a/**/a/**/b',
    '{*a*,*a*a*}{*a*,*a*a*}*b',
    '*?*?*?*?*?*?b',
    '[a-]*[a-]*[a-]*[a-]*[!a-]',
    `${'*a'.repeat(500)}b`,
    `${'**/'.repeat(300)}b`,
  ];
  const long = 'a'.repeat(255);
  const dashes = '-'.repeat(255);

  it.each(EVIL)('%s takes time in proportion to the path, not a power of it', (text) => {
    const glob = globOf(text);
    // Of the processor, and the least of three: others use the machine, too.
    const timeOnce = (names: readonly string[]) => {
      const before = process.cpuUsage();
      for (let i = 0; i < 20; i++) expect(matchesGlob(glob, names)).toBe(false);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    const time = (names: readonly string[]) => Math.min(timeOnce(names), timeOnce(names), timeOnce(names));
    const paths = (depth: number) => [
      Array.from({ length: depth }, () => long),
      Array.from({ length: depth }, () => dashes),
    ];
    for (const names of paths(4)) time(names); // compiled by now
    const short = Math.max(1, ...paths(8).map(time));
    const deep = Math.max(...paths(64).map(time));
    // Eight times as deep: eight times as long, or sixty-four where each segment may lie anywhere; backtracking takes ages.
    expect(deep / short).toBeLessThan(64 * 4);
  });
});
