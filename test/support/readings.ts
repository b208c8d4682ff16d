import type { Descriptor, ReferencedFile } from '../../src/domain/description/descriptor.js';
import type { Reading } from '../../src/domain/description/reading.js';
import { EMPTY_DESCRIPTOR } from './ovf/empty-descriptor.js';

const DESCRIPTOR: Descriptor = {
  ...EMPTY_DESCRIPTOR,
  ovfVersion: '1',
  name: 'vm',
  product: 'Ubuntu Server',
  vendor: 'Canonical',
  version: '24.04',
  os: { id: 94, description: 'Ubuntu Linux (64-bit)', version: null, vmwOsType: 'ubuntu64Guest', vboxOsType: null },
  family: 'linux',
  hardware: ['vmx-10'],
  cpus: 2,
  memoryMib: 2_048,
  disks: { count: 1, capacityBytes: 8_589_934_592 },
  nics: 1,
  networks: ['VM Network'],
};

/** The reading of an image whose descriptor says this and the usual. */
export function described(says: Partial<Descriptor> = {}, reasons: readonly string[] = []): Reading {
  return { kind: 'described', descriptor: { ...DESCRIPTOR, ...says }, reasons, notes: [] };
}

/** The reading of an image that can't be deployed. */
export function broken(...reasons: readonly string[]): Reading {
  return { kind: 'broken', reasons, notes: [] };
}

export function file(href: string, size: number | null = null): ReferencedFile {
  return { href, size, compression: null, chunkSize: null };
}
