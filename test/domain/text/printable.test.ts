import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeJson, oneLine, printable, printableLines, toJson } from '../../../src/domain/text/printable.js';
import { anyCharacter } from '../../support/any-character.js';
import { STEERING } from '../../support/process/steering.js';

const ALL = STEERING.join('');

describe('a text from outside', () => {
  it.each(STEERING)('shows %j by its number, on every way out', (character) => {
    const number = `\\u{${character.codePointAt(0)?.toString(16)}}`;
    expect(printable(`a${character}b`)).toBe(`a${number}b`);
    if (!'\n\t'.includes(character)) expect(printableLines(`a${character}b`)).toBe(`a${number}b`);
    const json = toJson({ [`k${character}`]: [character] });
    expect(json).not.toContain(character);
    expect(JSON.parse(json)).toEqual({ [`k${character}`]: [character] });
  });

  it('keeps line ends and tabs where lines are put together', () => {
    expect(printableLines('a\tb\r\nc\nd\re')).toBe('a\tb\r\nc\nd\\u{d}e');
  });

  it('is left as it is where nothing steers', () => {
    for (const text of ['Größe 山田 שלום 👩‍🚀.ova', '\\u{9b}', 'a b']) {
      expect([printable(text), printableLines(text), JSON.parse(toJson(text))]).toEqual([text, text, text]);
    }
    expect(toJson({ a: 'größe' }, 2)).toBe(JSON.stringify({ a: 'größe' }, null, 2));
  });

  it('is the same to whoever reads the JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), fc.constantFrom(...STEERING), (text, character) => {
        const value = { [text]: text + character + text };
        expect(JSON.parse(escapeJson(JSON.stringify(value)))).toEqual(value);
      }),
    );
  });

  it('is cut without a trace of them', () => {
    expect(oneLine(ALL, 1_000)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
  });
});
