import { createHash } from 'node:crypto';

/** Returns this many bytes, always the same for the same seed, so that the demo's files never differ between runs. */
export function seededBytes(seed: string, length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update(seed).digest();
}

/** Derives a version 4 UUID (RFC 9562 5.4) from the seed. */
export function seededUuid(seed: string): string {
  const bytes = seededBytes(seed, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Derives a number from 0 to `below` - 1 from the seed. */
export function seededNumber(seed: string, below: number): number {
  return seededBytes(seed, 4).readUInt32BE() % below;
}
