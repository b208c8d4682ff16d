import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { flushed, printable, watchOutput } from '../../../src/cli/terminal/io.js';

test('a reader that stops early is no failure of the output, anything else is', () => {
  const stream = new Writable();
  const whyUnwritten = watchOutput(stream);
  const fail = (message: string, code: string) => stream.emit('error', Object.assign(new Error(message), { code }));
  fail('closed', 'EPIPE');
  fail('hung up', 'EIO');
  expect(whyUnwritten()).toBeNull();
  fail('disk full', 'ENOSPC');
  fail('destroyed', 'ERR_STREAM_DESTROYED');
  expect(whyUnwritten()?.message).toBe('disk full');
});

test('waits for a slow reader until it has everything, and for one that is gone not at all', async () => {
  const taken: string[] = [];
  const slow = new Writable({
    write: (chunk, _encoding, done) => {
      setImmediate(() => {
        taken.push(String(chunk));
        done();
      });
    },
  });
  for (let i = 0; i < 100; i++) slow.write(`line ${i}`);
  await flushed(slow);
  expect(taken).toContain('line 99');

  watchOutput(slow);
  slow.destroy();
  await flushed(slow);
});

test.each([
  ['Ubuntu ü 日本.ova', 'Ubuntu ü 日本.ova'],
  ['\u001b[2J\n', '\\u{1b}[2J\\u{a}'],
  ['\u009b2J\u202e\u2028', '\\u{9b}2J\\u{202e}\\u{2028}'],
])('shows %j as %s', (text, shown) => {
  expect(printable(text)).toBe(shown);
});
