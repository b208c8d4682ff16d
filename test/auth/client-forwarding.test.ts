import { expect, test, vi } from 'vitest';
import { createClientForwarding } from '../../src/auth/client-forwarding.js';

const CLOUD = 'https://cloud.example.org';
const MINUTE = 60_000;

function createScene() {
  const time = { now: 1_800_000_000_000 };
  const onDoubt = vi.fn();
  const forwarding = createClientForwarding([CLOUD], () => time.now, onDoubt);
  const told = (address = '192.0.2.1', origin = CLOUD) => forwarding.addressFor(origin, { address });
  const refuse = (network: string) => forwarding.noteRefusal(CLOUD, { network });
  return { time, onDoubt, told, refuse };
}

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['unix', null],
])('a client at %s is told as %s', (address, expected) => {
  const { told } = createScene();
  expect(told(address)).toBe(expected);
  expect(told(address, 'https://other.example.org')).toBeNull();
  expect(told(address, 'https://cloud.example.org:8443')).toBeNull();
});

test('a storage that refuses clients everywhere is told none for half an hour', () => {
  const { time, onDoubt, told, refuse } = createScene();
  for (let n = 0; n < 5; n++) refuse('192.0.2.1');
  refuse('192.0.2.2');
  expect([told(), onDoubt.mock.calls]).toEqual(['192.0.2.1', []]);
  time.now += 29 * MINUTE;
  refuse('192.0.2.3');
  expect(told()).toBeNull();
  expect(onDoubt.mock.calls).toEqual([[CLOUD, time.now + 30 * MINUTE]]);
  time.now += 30 * MINUTE;
  expect(told()).toBe('192.0.2.1');
});

test('what lies half an hour apart casts no doubt, nor does a clock that was set back leave one for a day', () => {
  const { time, told, refuse } = createScene();
  for (let n = 0; n < 9; n++) {
    refuse(`192.0.2.${n}`);
    time.now += 16 * MINUTE;
  }
  expect(told()).toBe('192.0.2.1');
  for (let n = 0; n < 3; n++) refuse(`198.51.100.${n}`);
  expect(told()).toBeNull();
  time.now -= 1_440 * MINUTE;
  expect(told()).toBe('192.0.2.1');
});
