import { createHash } from 'node:crypto';

/** As many bytes as asked for, the same ones for the same seed: the demo's files never differ between two runs. */
export function seededBytes(seed: string, length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update(seed).digest();
}

/** A version 4 UUID (RFC 9562 5.4) made from the seed. */
export function seededUuid(seed: string): string {
  const bytes = seededBytes(seed, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A number from 0 to `below` - 1, made from the seed. */
export function seededNumber(seed: string, below: number): number {
  return seededBytes(seed, 4).readUInt32BE() % below;
}
