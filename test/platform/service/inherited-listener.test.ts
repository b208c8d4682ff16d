import { expect, test } from 'vitest';
import { inheritedListener } from '../../../src/platform/service/inherited-listener.js';

test.each([
  ['nothing', {}, null],
  ['one socket', { LISTEN_FDS: '1', LISTEN_PID: '42' }, 3],
  ['none', { LISTEN_FDS: '0', LISTEN_PID: '42' }, null],
  ['one for another process', { LISTEN_FDS: '1', LISTEN_PID: '41' }, null],
  ['one for nobody', { LISTEN_FDS: '1' }, null],
  ['a word', { LISTEN_FDS: 'one', LISTEN_PID: '42' }, null],
])('a manager that passes %s', (_what, environment, expected) => {
  expect(inheritedListener(environment, 42)).toBe(expected);
});

test('several sockets are refused, by their names', () => {
  const environment = { LISTEN_FDS: '2', LISTEN_PID: '42', LISTEN_FDNAMES: 'api:metrics' };
  expect(() => inheritedListener(environment, 42)).toThrow(/passes 2 sockets \(api:metrics\).*single ListenStream=/);
});
