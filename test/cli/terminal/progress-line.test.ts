import { expect, test } from 'vitest';
import { createProgressLine } from '../../../src/cli/terminal/progress-line.js';
import { captureIo } from '../captured-io.js';

test('writes over itself, seldom, and leaves nothing behind', () => {
  const io = captureIo({ isTTY: true });
  let now = 1_000;
  const line = createProgressLine(io.stderr, () => now);
  line.show('1 of 3');
  line.show('2 of 3');
  now += 100;
  line.show('3 of 3'.padEnd(200, '.'));
  line.clear();
  line.clear();
  const [, first, last, ...rest] = io.err().split('\r\u001b[2K');
  expect(first).toBe('1 of 3');
  expect(last).toHaveLength(99);
  expect(rest).toEqual(['']);
});

test('is nothing where there is no terminal', () => {
  const io = captureIo();
  createProgressLine(io.stderr).show('1 of 3');
  expect(io.err()).toBe('');
});
