import { describe, expect, test } from 'vitest';
import { decodeText } from '../../../src/config/source/encoding.js';
import { problemsIn } from '../config-folder.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

describe('a configuration that is no UTF-8', () => {
  test.each<[what: string, bytes: Uint8Array, problem: string]>([
    ['Latin-1', latin1('spaces:\n  - user: m\xfcller\n'), '2:12: the byte 0xfc here is not UTF-8'],
    ['Latin-1 at the very start', latin1('\xe9: 1'), '1:1: the byte 0xe9'],
    ['Latin-1 at the very end', latin1('user: andr\xe9'), '1:11: the byte 0xe9'],
    [
      'Latin-1 behind text in UTF-8',
      Buffer.concat([Buffer.from('# für\na: é '), latin1('\xfc')]),
      '2:6: the byte 0xfc',
    ],
    ['a surrogate', Buffer.from([0x61, 0x0a, 0xed, 0xa0, 0x80]), '2:1: the byte 0xed'],
    ['the letter that a replacement character begins with', latin1('a: na\xefve'), '1:6: the byte 0xef'],
    ['a slash in two bytes', Buffer.from([0x61, 0xc0, 0xaf]), '1:2: the byte 0xc0'],
    ['a character cut off', Buffer.from([0x61, 0xc3]), '1:2: the byte 0xc3'],
    ['UTF-16, little end first', Buffer.from('\ufeffdata: x', 'utf16le'), '1:1: the file is in UTF-16'],
    ['UTF-16, big end first', Buffer.from('\ufeffdata: x', 'utf16le').swap16(), '1:1: the file is in UTF-16'],
    ['UTF-16 without a mark', Buffer.from('data: x', 'utf16le'), '1:1: the file is in UTF-16'],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), '1:1: the file is in UTF-32'],
  ])('is refused where it stops being so: %s', async (_what, bytes, problem) => {
    expect((await problemsIn(bytes)).map((each) => each.slice(0, problem.length))).toEqual([problem]);
  });
});

test.each<[what: string, bytes: Uint8Array, text: string]>([
  ['nothing', Buffer.from(''), ''],
  ['one letter', Buffer.from('a'), 'a'],
  ['a byte order mark', Buffer.from('\ufeffa: 1'), 'a: 1'],
  ['a replacement character that somebody wrote', Buffer.from('a: \ufffd'), 'a: \ufffd'],
  ['beyond the basic plane', Buffer.from('a: \u{1f989}'), 'a: \u{1f989}'],
])('UTF-8 is read: %s', (_what, bytes, text) => {
  expect(decodeText(bytes)).toEqual({ text });
});
