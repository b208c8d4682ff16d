import { describe, expect, it } from 'vitest';
import { isReachable, reachOf } from '../../src/webhooks/reachable-address.js';

describe('where a webhook may be sent', () => {
  it.each([
    ['https://deploy.example.org/', false, 'public'],
    ['https://deploy.example.org/', true, 'any'],
    ['http://127.0.0.1:8000/', false, 'loopback'],
    ['https://localhost/', false, 'loopback'],
    ['http://[::1]/', true, 'loopback'],
    ['https://10.0.0.1/', false, 'public'],
  ])('%s (allowPrivate %s): %s', (url, allowPrivate, reach) => {
    expect(reachOf({ url, allowPrivate })).toBe(reach);
  });

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::7f00:1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001::1',
    'no address',
    '',
  ])('not to %s, unless that is allowed', (address) => {
    expect(isReachable(address, 'public')).toBe(false);
  });

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '64:ff9b::8.8.8.8', '::ffff:8.8.8.8'])(
    'to %s',
    (address) => {
      expect([isReachable(address, 'public'), isReachable(address, 'any')]).toEqual([true, true]);
      expect(isReachable(address, 'loopback')).toBe(false);
    },
  );

  it.each(['127.0.0.1', '127.1.2.3', '::1'])('to %s, if the url names this machine', (address) => {
    expect([isReachable(address, 'loopback'), isReachable(address, 'any')]).toEqual([true, true]);
  });
});
