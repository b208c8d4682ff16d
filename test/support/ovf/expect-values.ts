import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Descriptor, OperatingSystem } from '../../../src/domain/description/descriptor.js';
import type { ExpectedValues } from './genuine.js';

/** Expects a descriptor to say everything that is expected of it, and nothing else. */
export function expectValues(descriptor: Descriptor, expected: ExpectedValues): void {
  const { files, properties, disks, systems } = descriptor;
  const unknownDisks = expected.attached_unknown > 0;
  expect({
    name: descriptor.name,
    product: descriptor.product,
    vendor: descriptor.vendor,
    version: descriptor.version,
    full_version: descriptor.fullVersion,
    product_url: descriptor.productUrl,
    os: osOf(descriptor.os),
    hardware: descriptor.hardware,
    cpu_total: descriptor.cpus ?? 0,
    memory_mib_total: descriptor.memoryMib ?? 0,
    disk_drive_count: disks.count,
    capacity_bytes: disks.capacityBytes,
    nic_count: descriptor.nics,
    networks: descriptor.networks,
    files: files.map(({ href, size, compression, chunkSize }) => ({ href, size, compression, chunk_size: chunkSize })),
    download_bytes: descriptor.downloadBytes,
    has_eula: descriptor.hasEula,
    annotation: descriptor.annotation === null ? null : sha256(descriptor.annotation),
    property_count: properties.length,
    password_property_count: properties.filter(({ isPassword }) => isPassword).length,
    user_configurable_count: properties.filter(({ isUserConfigurable }) => isUserConfigurable).length,
    configurations: descriptor.configurations.map(({ id }) => id),
    default_configuration: descriptor.defaultConfiguration,
    firmware: descriptor.firmware,
    ovf_version: descriptor.ovfVersion,
    vms: systems.map((system) => ({
      id: system.id,
      name: system.name,
      cpu: system.cpus ?? 0,
      memory_mib: system.memoryMib ?? 0,
      nic_count: system.nics,
      disk_drives: system.disks,
      os: osOf(system.os),
    })),
  }).toEqual({
    name: expected.name,
    product: expected.product,
    vendor: expected.vendor,
    version: expected.version,
    full_version: expected.full_version,
    product_url: expected.product_url,
    os: expected.os,
    hardware: expected.hardware,
    cpu_total: expected.cpu_total,
    memory_mib_total: expected.memory_mib_total,
    disk_drive_count: expected.disk_drive_count,
    capacity_bytes: unknownDisks ? null : expected.attached_capacity_bytes,
    nic_count: expected.nic_count,
    networks: expected.networks,
    files: expected.files.map(({ href, size, compression, chunk_size }) => ({ href, size, compression, chunk_size })),
    download_bytes: expected.files_without_size === expected.files.length ? null : expected.files_total_size,
    has_eula: expected.has_eula,
    annotation: expected.annotation_sha256,
    property_count: expected.property_count,
    password_property_count: expected.password_property_count,
    user_configurable_count: expected.user_configurable_count,
    configurations: expected.configurations,
    default_configuration: expected.default_configuration,
    firmware: expected.firmware,
    ovf_version: expected.ovf_version,
    vms: expected.vms.map(({ id, name, cpu, memory_mib, nic_count, disk_drives, os }) => {
      return { id, name, cpu, memory_mib, nic_count, disk_drives, os };
    }),
  });
}

function osOf(os: OperatingSystem | null) {
  if (os === null) return null;
  const { id, description, version, vmwOsType, vboxOsType } = os;
  return { id, description, version, vmw_os_type: vmwOsType, vbox_os_type: vboxOsType };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
