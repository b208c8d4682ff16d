import { createHash } from 'node:crypto';
import { sampleOvf } from './sample.js';

/** A file of an image. */
export interface PackageFile {
  readonly name: string;
  readonly data: string | Uint8Array;
}

export const sumOf = (data: string | Uint8Array, algorithm = 'sha256') =>
  createHash(algorithm).update(data).digest('hex');

/** An image of a descriptor and one disk, with a manifest of both. */
export function webPackage({ diskBytes }: { readonly diskBytes: number }) {
  const disk = { name: 'disk.vmdk', data: Buffer.alloc(diskBytes, 'a disk ') };
  const ovf = { name: 'web.ovf', data: sampleOvf({ files: [{ href: 'disk.vmdk', size: diskBytes }] }) };
  const lines = [ovf, disk].map(({ name, data }) => `SHA256(${name})= ${sumOf(data)}\n`);
  const manifest = { name: 'web.mf', data: lines.join('') };
  return { ovf, disk, manifest } satisfies Record<string, PackageFile>;
}
