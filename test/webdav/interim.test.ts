import { describe, expect, test } from 'vitest';
import { createInterimFilter } from '../../src/webdav/interim.js';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const PROCESSING = 'HTTP/1.1 102 Processing\r\nX: 1\r\n\r\n';
const FINAL = 'HTTP/1.1 207 Multi-Status\r\nContent-Length: 31\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n......';

/** What the parser gets of these bytes when they come in pieces of this length. */
function passed(text: string, length: number): string {
  const filter = createInterimFilter();
  const bytes = Buffer.from(text, 'latin1');
  filter.begin();
  let out = '';
  for (let at = 0; at < bytes.length; at += length) {
    out += filter.take(bytes.subarray(at, at + length))?.toString('latin1') ?? '';
  }
  return out;
}

describe('what comes in front of an answer', () => {
  test.for([
    ['nothing', FINAL, FINAL],
    ['a 100', CONTINUE + FINAL, FINAL],
    ['many of them', CONTINUE.repeat(50) + FINAL, FINAL],
    ['a 100 with headers and no reason', `HTTP/1.0 100\r\nX: ${'y'.repeat(3_000)}\r\n\r\n${FINAL}`, FINAL],
    ['a 100 between others', PROCESSING + CONTINUE + PROCESSING + FINAL, PROCESSING + PROCESSING + FINAL],
    ['a 101', `HTTP/1.1 101 Switching\r\n\r\n${CONTINUE}`, `HTTP/1.1 101 Switching\r\n\r\n${CONTINUE}`],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['something that is not yet HTTP', 'HTTP/1.1x100 Continue\r\n\r\n', 'HTTP/1.1x100 Continue\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 1000 No\r\n\r\n', 'HTTP/1.1 1000 No\r\n\r\n'],
  ] as const)('%s: only a 100 is left out, however it is cut into pieces', ([, text, expected]) => {
    for (let length = 1; length <= text.length; length++) expect(passed(text, length)).toBe(expected);
  });

  test('is looked for at each answer of a connection, and never within one', () => {
    const filter = createInterimFilter();
    const take = (text: string) => filter.take(Buffer.from(text))?.toString() ?? null;
    expect(take(FINAL)).toBe(FINAL);
    expect(take(CONTINUE)).toBe(CONTINUE);
    filter.begin();
    expect(take(CONTINUE)).toBe(null);
    expect(take(FINAL)).toBe(FINAL);
  });

  test('is given to the parser where it never ends', () => {
    const endless = `HTTP/1.1 100 ${'x'.repeat(20_000)}`;
    expect(passed(endless, 4_096)).toBe(endless);
  });
});
