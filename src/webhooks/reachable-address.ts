import { BlockList, isIP } from 'node:net';
import { isSafeUrl } from '../domain/text/safe-url.js';

/** Networks that no one on the internet has (RFC 6890 and what came later), and those that lead into others. */
const INTERNAL_V4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
const INTERNAL_V6: readonly [string, number][] = [
  ['::', 96], // unspecified, loopback, and addresses of IPv4 in an old form
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23], // tunnels and tests
  ['2001:db8::', 32],
  ['2002::', 16], // tunnels
  ['fc00::', 7],
  ['fe80::', 9], // link-local, and site-local of old
  ['ff00::', 8],
];
/** An address of IPv4 stands in their last 32 bits. */
const WITH_V4: readonly [string, number][] = [
  ['64:ff9b::', 96],
  ['::ffff:0:0:0', 96],
];

const internal = listOf(INTERNAL_V4, INTERNAL_V6);
const loopback = listOf([['127.0.0.0', 8]], [['::1', 128]]);
const withV4 = listOf([], WITH_V4);

/** Which addresses a webhook may be sent to: any, those of this machine, or those on the internet. */
export type Reach = 'any' | 'loopback' | 'public';

/** Returns where a webhook's messages may go: whoever names this machine means it. */
export function reachOf({ url, allowPrivate }: { readonly url: string; readonly allowPrivate: boolean }): Reach {
  const host = new URL(url).hostname;
  // http is safe on this machine only.
  if (isSafeUrl(`http://${host}/`)) return 'loopback';
  return allowPrivate ? 'any' : 'public';
}

/** Whether an IP address may be connected to. */
export function isReachable(address: string, reach: Reach): boolean {
  const plain = address.split('%')[0] ?? '';
  const family = isIP(plain);
  if (family === 0) return false;
  if (reach === 'any') return true;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  if (reach === 'loopback') return loopback.check(plain, type);
  if (internal.check(plain, type)) return false;
  if (type === 'ipv4' || !withV4.check(plain, type)) return true;
  return !internal.check(lastAsV4(plain), 'ipv4');
}

/** Returns the last 32 bits of an IPv6 address as an IPv4 address. */
function lastAsV4(address: string): string {
  const written = new URL(`http://[${address}]/`).hostname.slice(1, -1).split(':');
  const [high, low] = written.slice(-2).map((part) => Number.parseInt(part || '0', 16));
  return [(high ?? 0) >> 8, (high ?? 0) & 255, (low ?? 0) >> 8, (low ?? 0) & 255].join('.');
}

function listOf(v4: readonly [string, number][], v6: readonly [string, number][]): BlockList {
  const list = new BlockList();
  for (const [network, bits] of v4) list.addSubnet(network, bits, 'ipv4');
  for (const [network, bits] of v6) list.addSubnet(network, bits, 'ipv6');
  return list;
}
