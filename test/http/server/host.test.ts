import { describe, expect, it } from 'vitest';
import { hostFault, hostOfSocket } from '../../../src/http/server/before-app.js';

const head = (httpVersionMinor: number, ...rawHeaders: string[]) => ({
  httpVersionMajor: 1,
  httpVersionMinor,
  rawHeaders,
});

describe('the Host of a request', () => {
  it.each([
    ['one', head(1, 'Host', 'a.example:80')],
    ['one of HTTP/1.0', head(0, 'HOST', 'a.example')],
    ['none in HTTP/1.0', head(0, 'Accept', '*/*')],
    ['a value that is called so', head(1, 'Host', 'a', 'X-Forwarded-Host', 'b', 'Via', 'Host')],
  ])('is good: %s', (_, given) => expect(hostFault(given)).toBeNull());

  it.each([
    ['none in HTTP/1.1', head(1, 'Accept', '*/*'), 'no Host header'],
    ['two', head(1, 'Host', 'a', 'host', 'b'), 'more than one Host header'],
    ['the same twice', head(1, 'Host', 'a', 'Accept', '*/*', 'Host', 'a'), 'more than one Host header'],
    ['two in HTTP/1.0', head(0, 'Host', 'a', 'HOST', 'b'), 'more than one Host header'],
    ['a list', head(1, 'Host', 'a,b'), 'is a list'],
    ['a list with blanks', head(0, 'Host', 'a, b'), 'is a list'],
  ])('is refused: %s', (_, given, why) => expect(hostFault(given)).toContain(why));
});

describe('the host of a socket', () => {
  it.each([
    [{ localAddress: '127.0.0.1', localPort: 80 }, '127.0.0.1:80'],
    [{ localAddress: '::ffff:127.0.0.1', localPort: 8080 }, '127.0.0.1:8080'],
    [{ localAddress: '::1', localPort: 80 }, '[::1]:80'],
    [{ localAddress: 'fe80::1%eth0', localPort: 80 }, '[fe80::1]:80'],
    [{}, 'localhost'],
  ])('of %j is %s', (socket, host) => expect(hostOfSocket(socket)).toBe(host));
});
