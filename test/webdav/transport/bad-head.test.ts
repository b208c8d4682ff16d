import { expect, test } from 'vitest';
import { faultOfHead } from '../../../src/webdav/transport/bad-head.js';

test.for([
  ['the same Content-Length twice', 'Content-Length: 5\r\nContent-Length: 5', 'it has more than one Content-Length'],
  [
    'both ways to say where it ends',
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    /both Content-Length and Transfer/,
  ],
  ['a length in words', 'Content-Length: five', 'its Content-Length is not a number'],
  ['a folded header', 'Content-Length: 5\r\nX: a\r\n b', 'a header continues on the next line'],
  ['a bare LF', 'Content-Length: 5\nX: a', 'one of its lines ends in LF without CR'],
  ['a blank before the colon', 'Content-Length: 5\r\nX : a', /blank .* colon/],
  ['a control character in a name', 'Content-Length: 5\r\nX\u0001Y: a', /name has a character/],
  ['a control character in a value', 'Content-Length: 5\r\nX: a\u0000b', /value has a control/],
  ['no colon', 'Content-Length: 5\r\nnonsense', 'one of its lines is not a header'],
  ['nothing wrong', 'Content-Length: 5\r\nX:\tä\r\nY:', null],
] as const)('a head with %s', ([, lines, expected]) => {
  const fault = faultOfHead(Buffer.from(`HTTP/1.1 207 Multi-Status\r\n${lines}\r\n\r\n<a b: c>`, 'latin1'));
  if (expected instanceof RegExp) expect(fault).toMatch(expected);
  else expect(fault).toBe(expected);
});

test('a head that has not come whole is judged by its whole lines', () => {
  expect(faultOfHead(Buffer.from('HTTP/1.1 207 OK\r\nContent-Le'))).toBe(null);
  expect(faultOfHead(Buffer.from('HTTP/1.1 207 OK\r\nX : 1\r\nContent-Le'))).toMatch(/blank/);
  expect(faultOfHead(Buffer.from('SSH-2.0\r\n'))).toBe(null);
});
