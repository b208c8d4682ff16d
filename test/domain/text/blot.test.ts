import { describe, expect, test } from 'vitest';
import { blot } from '../../../src/domain/text/blot.js';

const SECRET = 'pä"ss &w/1';

describe('a secret is blotted out', () => {
  test.for([
    ['as it is', SECRET],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['percent-encoded in lower case', encodeURIComponent(SECRET).toLowerCase()],
    ['percent-encoded whole', [...Buffer.from(SECRET)].map((byte) => `%${byte.toString(16)}`).join('')],
    ['as a form has it', new URLSearchParams({ p: SECRET }).toString().slice(2)],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in JSON of ASCII', [...SECRET].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
    ['in HTML', 'p&#228;&quot;ss &amp;w/1'],
    ['in HTML by hexadecimal numbers', [...SECRET].map((c) => `&#x${c.charCodeAt(0).toString(16)};`).join('')],
    ['as a quoted string', SECRET.replace('"', '\\"')],
    ['in UTF-8 that was taken for Latin-1', Buffer.from(SECRET).toString('latin1')],
    ['percent-encoded in Latin-1', encodeURIComponent(SECRET).replace('%C3%A4', '%E4')],
    ['percent-encoded twice', encodeURIComponent(encodeURIComponent(SECRET))],
    [
      'percent-encoded in HTML in JSON',
      JSON.stringify(encodeURIComponent(SECRET).replace(/%2F/, '&#47;')).slice(1, -1),
    ],
    ['in JSON in JSON', JSON.stringify(JSON.stringify(SECRET)).slice(3, -3)],
    ['percent-encoded after it was taken for Latin-1', encodeURIComponent(Buffer.from(SECRET).toString('latin1'))],
    ['in upper case', SECRET.toUpperCase()],
    ['in a mixture', 'p%C3%A4\\"s&#115; &w%2f1'],
  ] as const)('%s', ([, written]) => {
    expect(blot(`<${written}>, ${written}!`, [SECRET])).toBe('<[hidden]>, [hidden]!');
  });

  test.for([
    ['at the end of a text that was cut', 'password is hunter', 'password is [hidden]'],
    ['at its beginning', 'nter2-long is wrong', '[hidden] is wrong'],
    ['that is all that came', 'unter2-lo', '[hidden]'],
    ['in the middle of an escape', 'password is %68%75%6e%74%6', 'password is [hidden]'],
    ['in the middle of an entity', 'password is hunt&#10', 'password is [hidden]'],
  ] as const)('%s', ([, text, expected]) => {
    expect(blot(text, ['hunter2-long'])).toBe(expected);
  });
});

test('a part that tells the rest counts wherever it stands', () => {
  expect(blot('the token hunter2-lo... is wrong', ['hunter2-long'])).toBe('the token [hidden]... is wrong');
  expect(blot('the hunter is gone', ['hunter2-long'])).toBe('the hunter is gone');
});

test('the longest goes first, and empty ones are none', () => {
  expect(blot('jm:hunter2 and hunter2', ['', 'hunter2', 'jm:hunter2'])).toBe('[hidden] and [hidden]');
});

test('a very short one counts only where it stands alone', () => {
  expect(blot('Unauthorized: a, "a"', ['a'])).toBe('Unauthorized: [hidden], "[hidden]"');
});

test('a text as long as an error may quote is done in no time, whatever stands in it', () => {
  const secrets = Array.from({ length: 30 }, (_, n) => `${n}`.repeat(4_000));
  const text = '%25%&amp;\\u0025+'.repeat(100);
  const before = process.cpuUsage();
  expect(blot(text, secrets)).toBe(text);
  expect(process.cpuUsage(before).user).toBeLessThan(5_000_000);
});

test('a text without secrets stays as it is', () => {
  const text = 'answered 50% of %zz &nothing; \\q C:\\dir +1 \ud800';
  expect(blot(text, ['hunter2', 'Bearer abc'])).toBe(text);
  expect(blot(text, [])).toBe(text);
});
