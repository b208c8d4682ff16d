import type { Descriptor, OperatingSystem, Quantity } from '../../domain/description/descriptor.js';
import type { JudgedState } from '../../domain/description/image-state.js';
import { osInWords } from '../../domain/description/short-description.js';
import { counted } from '../../domain/text/counted.js';
import { oneLine } from '../../domain/text/printable.js';

/** A value that says more than this is cut: an annotation may be pages. */
const MOST_OF_A_VALUE = 100;
const LABEL_WIDTH = 13;

/** Describes an image for people: its state with the reasons, then what its descriptor says. */
export function descriptionLines(file: string, descriptor: Descriptor | null, judged: JudgedState): readonly string[] {
  const lines = [`${oneLine(file, 4096)}: ${judged.state}`];
  const add = (label: string, value: string | null) => {
    if (value !== null && value !== '') lines.push(`  ${label.padEnd(LABEL_WIDTH)}${oneLine(value, MOST_OF_A_VALUE)}`);
  };
  for (const reason of judged.reasons) add('reason', reason);
  for (const note of judged.notes) add('note', note);
  if (descriptor === null) return lines;
  add('name', descriptor.name);
  add('product', [descriptor.product, descriptor.version, bracketed(descriptor.vendor)].filter(isSaid).join(' '));
  add('system', systemOf(descriptor.os, descriptor.family));
  add('hardware', descriptor.hardware.join(', '));
  add('resources', resourcesOf(descriptor));
  add('networks', descriptor.networks.join(', '));
  add('files', filesOf(descriptor));
  add('options', optionsOf(descriptor));
  add('properties', propertiesOf(descriptor));
  add('firmware', firmwareOf(descriptor));
  add('annotation', descriptor.annotation);
  if (descriptor.hasEula) add('licence', 'has to be accepted');
  if (descriptor.systems.length > 1) {
    for (const { name, cpus, memoryMib, disks } of descriptor.systems) {
      const resources = [cpus === null ? null : counted(cpus, 'CPU'), memoryOf(memoryMib), counted(disks, 'disk')];
      add('machine', [name ?? '-', ...resources].filter(isSaid).join(', '));
    }
  }
  return lines;
}

function systemOf(os: OperatingSystem | null, family: string | null): string | null {
  return os === null ? null : [osInWords(os), bracketed(family)].filter(isSaid).join(' ');
}

function resourcesOf({ cpus, memoryMib, disks, nics }: Descriptor): string {
  const capacity = disks.capacityBytes === null ? null : ` of ${bytesInWords(disks.capacityBytes)}`;
  return [
    cpus === null ? null : counted(cpus, 'CPU'),
    memoryOf(memoryMib),
    `${counted(disks.count, 'disk')}${disks.count === 0 ? '' : (capacity ?? '')}`,
    counted(nics, 'network card'),
  ]
    .filter(isSaid)
    .join(', ');
}

function filesOf({ files, downloadBytes }: Descriptor): string | null {
  if (files.length === 0) return null;
  const size = downloadBytes === null ? '' : `, ${bytesInWords(downloadBytes)}`;
  return `${counted(files.length, 'file')}${size}: ${files.map(({ href }) => href).join(', ')}`;
}

function optionsOf({ configurations, defaultConfiguration }: Descriptor): string {
  return configurations.map(({ id }) => (id === defaultConfiguration ? `${id} (default)` : id)).join(', ');
}

function propertiesOf({ properties }: Descriptor): string | null {
  const asked = properties.filter(({ isUserConfigurable }) => isUserConfigurable);
  return asked.length === 0 ? null : `${asked.length} to set: ${asked.map(({ key }) => key).join(', ')}`;
}

function firmwareOf({ firmware, secureBoot }: Descriptor): string {
  return [firmware, secureBoot === true ? 'secure boot' : null].filter(isSaid).join(', ');
}

function memoryOf(memoryMib: number | null): string | null {
  return memoryMib === null ? null : `${bytesInWords(BigInt(memoryMib) * 2n ** 20n)} of memory`;
}

function bytesInWords(bytes: Quantity | bigint): string {
  let value = Number(bytes);
  for (const unit of ['bytes', 'KiB', 'MiB', 'GiB']) {
    if (value < 1024) return `${Number(value.toFixed(1))} ${unit}`;
    value /= 1024;
  }
  return `${Number(value.toFixed(1))} TiB`;
}

function bracketed(text: string | null): string | null {
  return text === null ? null : `(${text})`;
}

function isSaid<T>(value: T | null): value is T {
  return value !== null;
}
