import { isIP } from 'node:net';
import * as z from 'zod';

/** Number of bits in an address, by IP version. */
const BITS: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

/** A proxy's address, a network, or `unix`. */
export function proxyAddress() {
  const error = 'must be an address or a network, such as "192.0.2.10" or "2001:db8::/32", or unix';
  return z.string({ error }).refine((value) => value === 'unix' || isNetwork(value), { error });
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = BITS[isIP(address)];
  if (bits === undefined || rest.length > 0 || address.includes('%')) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}
