import { BlockList, isIP, isIPv6 } from 'node:net';
import type { HttpContext } from '../reply/context.js';

/** What stands for the other end of a unix socket, which has no address. */
const UNIX = 'unix';

/**
 * Answers a function that says where a request comes from: the other end of the
 * connection or, where that is one of the trusted proxies, the nearest address in
 * `X-Forwarded-For` that isn't. What stands further left there is the client's own word.
 */
export function createClientAddress(trustedProxies: readonly string[]): (c: HttpContext) => string {
  const isTrusted = compileTrust(trustedProxies);
  return (c) => {
    let address = addressOfPeer(c);
    const hops = isTrusted(address) ? (c.req.header('x-forwarded-for') ?? '').split(',') : [];
    for (const hop of hops.reverse()) {
      const next = withoutPort(hop.trim());
      if (isIP(next) === 0) break; // nothing that a proxy writes; what is left of it can't be believed
      address = normalise(next);
      if (!isTrusted(address)) break;
    }
    return address;
  };
}

/** The other end of the connection. */
export function addressOfPeer(c: HttpContext): string {
  return normalise(c.env?.incoming?.socket.remoteAddress ?? UNIX);
}

/** What is counted as one: an address, of IPv6 the /64 that is given to a single customer. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [left = '', right] = address.split('%', 1).join('').split('::');
  const head = groupsOf(left);
  const tail = right === undefined ? [] : groupsOf(right);
  const zeros = new Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':').map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''));
}

/** Whether an address is that of a proxy which the configuration names. */
export function compileTrust(trustedProxies: readonly string[]): (address: string) => boolean {
  const blocks = new BlockList();
  for (const entry of trustedProxies) {
    const [network = '', prefix] = entry.split('/');
    if (entry === UNIX) continue;
    const family = isIPv6(network) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) blocks.addAddress(network, family);
    else blocks.addSubnet(network, Number(prefix), family);
  }
  const trustsUnix = trustedProxies.includes(UNIX);
  return (address) =>
    address === UNIX ? trustsUnix : isIP(address) !== 0 && blocks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** A socket that takes both families shows IPv4 as `::ffff:192.0.2.1`. */
function normalise(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function withoutPort(hop: string): string {
  return /^\[([^\]]+)\]/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}
