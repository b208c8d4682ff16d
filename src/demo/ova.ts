import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { makeDescriptor } from './descriptor.js';
import type { Machine } from './machine.js';
import { optionalDependency } from './optional-dependency.js';
import { makeVmdk } from './vmdk.js';

/** A file of an OVF package. */
export interface PackageFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Every archive has the same date, so that two runs produce the same bytes. */
const PACKED_AT = new Date('2024-01-15T12:00:00Z');

/** Creates descriptor, manifest and disk of a machine, in the order that DSP0243 requires in an archive. */
export function makePackage(machine: Machine): readonly PackageFile[] {
  const disk = { name: `${machine.stem}-disk1.vmdk`, bytes: makeVmdk(machine, `${machine.stem}-disk1.vmdk`) };
  const descriptor = {
    name: `${machine.stem}.ovf`,
    bytes: Buffer.from(makeDescriptor(machine, { fileName: disk.name, sizeBytes: disk.bytes.length })),
  };
  const sums = [descriptor, disk].map(({ name, bytes }) => `SHA256(${name})= ${sha256(bytes)}\n`);
  return [descriptor, { name: `${machine.stem}.mf`, bytes: Buffer.from(sums.join('')) }, disk];
}

/**
 * Creates the package as one OVA: a ustar archive with the descriptor first (DSP0243). Throws OvadexError `usage` if
 * the optional package `tar-stream` is missing.
 */
export async function makeOva(machine: Machine): Promise<Buffer> {
  const tar = await optionalDependency('tar-stream', () => import('tar-stream'));
  const pack = tar.pack();
  for (const { name, bytes } of makePackage(machine)) {
    pack.entry({ name, mode: 0o644, mtime: PACKED_AT, uid: 0, gid: 0 }, bytes);
  }
  pack.finalize();
  return await buffer(pack);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
