import { BlockList, isIP, isIPv6 } from 'node:net';
import type { HttpContext } from '../reply/context.js';

/** Stands for the other end of a unix socket, which has no address. */
const UNIX = 'unix';

/**
 * Returns a function that says where a request comes from: the other end of the connection or, if that is a trusted
 * proxy, the nearest address in `X-Forwarded-For` that isn't one. Anything further left is the client's own claim.
 */
export function createClientAddress(trustedProxies: readonly string[]): (c: HttpContext) => string {
  const isTrusted = compileTrust(trustedProxies);
  return (c) => {
    let address = addressOfPeer(c);
    const hops = isTrusted(address) ? (c.req.header('x-forwarded-for') ?? '').split(',') : [];
    for (const hop of hops.reverse()) {
      const next = withoutPort(hop.trim());
      if (isIP(next) === 0) break; // no proxy writes this, and anything further left can't be believed
      address = normalise(next);
      if (!isTrusted(address)) break;
    }
    return address;
  };
}

/** Returns the address of the other end of the connection. */
export function addressOfPeer(c: HttpContext): string {
  return normalise(c.env?.incoming?.socket.remoteAddress ?? UNIX);
}

/** Returns what is counted as one: an IPv4 address, or the IPv6 /64 that is given to a single customer. */
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

/** Returns a function that says whether an address is that of a configured proxy. */
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

/** Unwraps `::ffff:192.0.2.1`, as a socket for both families shows IPv4. */
function normalise(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function withoutPort(hop: string): string {
  return /^\[([^\]]+)\]/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}
