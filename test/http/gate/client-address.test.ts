import { describe, expect, it } from 'vitest';
import { createClientAddress, networkOf } from '../../../src/http/gate/client-address.js';
import type { HttpContext } from '../../../src/http/reply/context.js';

const PROXIES = ['192.0.2.10', '10.0.0.0/8', '2001:db8:1::/64'];

/** What a request from this address with this header has to show; undefined: the end of a unix socket. */
function requestOf(remoteAddress: string | undefined, forwardedFor?: string): HttpContext {
  const request = {
    env: { incoming: { socket: { remoteAddress } } },
    req: { header: (name: string) => (name === 'x-forwarded-for' ? forwardedFor : undefined) },
  };
  return request as unknown as HttpContext;
}

describe('where a request comes from', () => {
  it.each<[string, string | undefined, string | undefined, string]>([
    ['is the connection\u2019s other end', '203.0.113.7', undefined, '203.0.113.7'],
    ['is not what a stranger says', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['is what a trusted proxy says', '192.0.2.10', '198.51.100.1', '198.51.100.1'],
    ['is the right-most that no trusted proxy has', '192.0.2.10', '1.1.1.1, 198.51.100.1, 10.1.2.3', '198.51.100.1'],
    ['is the proxy where it says nothing', '192.0.2.10', undefined, '192.0.2.10'],
    ['is the proxy where it says nonsense', '192.0.2.10', 'unknown', '192.0.2.10'],
    ['is the last proxy before nonsense', '192.0.2.10', '198.51.100.1, nonsense, 10.1.2.3', '10.1.2.3'],
    ['is the first proxy where all are trusted', '192.0.2.10', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['is read with a port', '192.0.2.10', '198.51.100.1:4711', '198.51.100.1'],
    ['is read with brackets', '192.0.2.10', '[2001:db8::7]:4711', '2001:db8::7'],
    ['is read without spaces', '192.0.2.10', ',, 1.1.1.1,198.51.100.1', '198.51.100.1'],
    ['is IPv4 on a socket of both families', '::ffff:192.0.2.10', '::ffff:198.51.100.1', '198.51.100.1'],
    ['is behind a proxy of IPv6', '2001:db8:1::5', '198.51.100.1', '198.51.100.1'],
    ['is not behind its neighbour', '2001:db8:2::5', '198.51.100.1', '2001:db8:2::5'],
    ['is a unix socket', undefined, '198.51.100.1', 'unix'],
  ])('%s', (_, remote, forwardedFor, expected) => {
    expect(createClientAddress(PROXIES)(requestOf(remote, forwardedFor))).toBe(expected);
  });

  it('is what comes through a unix socket that is trusted', () => {
    const addressOf = createClientAddress(['unix']);
    expect(addressOf(requestOf(undefined, '198.51.100.1'))).toBe('198.51.100.1');
    expect(addressOf(requestOf('192.0.2.10', '198.51.100.1'))).toBe('192.0.2.10');
  });
});

describe('what is counted as one', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['unix', 'unix'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0DB8:0:0:ffff::', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ])('%s is %s', (address, network) => expect(networkOf(address)).toBe(network));
});
