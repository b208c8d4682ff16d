import { childrenOf, nonEmpty, textOf, type XmlElement } from '../xml/element.js';
import { quoted } from './notes.js';
import type { PropertyValues } from './properties.js';
import { integerOf } from './quantities.js';
import { attribute, type Envelope, sectionsOf } from './sections.js';
import { bytesOfUnit } from './units.js';

/** The capacities of the disks that a descriptor defines, in bytes by their ids; null where it isn't known. */
export type Capacities = ReadonlyMap<string, bigint | null>;

/** Reads the disks that are defined. Not all of them are attached: there may be variants and parents of others. */
export function readCapacities(envelope: Envelope, values: PropertyValues): Capacities {
  const disks = sectionsOf(envelope.root, 'DiskSection').flatMap((section) => childrenOf(section, 'Disk'));
  const files = idsOfFiles(envelope);
  const capacities = new Map<string, bigint | null>();
  for (const disk of disks) {
    const id = nonEmpty(attribute(envelope, disk, 'diskId'));
    const fileRef = nonEmpty(attribute(envelope, disk, 'fileRef'));
    if (fileRef !== null && !files.has(fileRef)) {
      envelope.notes.add(`a disk is in a file that is not among the references: ${quoted(fileRef)}`);
    }
    if (id !== null && !capacities.has(id)) capacities.set(id, capacityOf(envelope, disk, values));
  }
  return capacities;
}

/** Returns what files may be referred to by: their ids, and their hrefs, as oVirt has it. */
function idsOfFiles(envelope: Envelope): ReadonlySet<string> {
  const files = childrenOf(envelope.root, 'References').flatMap((section) => childrenOf(section, 'File'));
  const names = files.flatMap((file) => [attribute(envelope, file, 'id'), attribute(envelope, file, 'href')]);
  return new Set(names.flatMap((name) => nonEmpty(name) ?? []));
}

/** Returns the capacity of the disk behind a drive: `ovf:/disk/ID`, `ovf://disk/ID` or `/disk/ID`; null if unknown. */
export function capacityOfDrive(drive: XmlElement, capacities: Capacities): bigint | null {
  const id = diskOf(drive);
  return id === null ? null : (capacities.get(id) ?? null);
}

/** Notes items that have a disk and are no drives that are counted: XenCenter calls its disks storage extents (19). */
export function noteOtherDrives(envelope: Envelope, items: readonly XmlElement[], capacities: Capacities): void {
  for (const item of items) {
    const id = diskOf(item);
    const type = textOf(item, 'ResourceType') ?? '';
    if (id === null || !capacities.has(id) || DRIVES.has(type)) continue;
    envelope.notes.add(`a disk of a resource of type ${quoted(type)} is not counted: ${quoted(id)}`);
  }
}

/** Disk drives, and those of floppies, CDs and DVDs, whose images may stand among the disks. */
const DRIVES: ReadonlySet<string> = new Set(['14', '15', '16', '17']);

function diskOf(item: XmlElement): string | null {
  return /^(?:ovf:)?\/{1,2}disk\/(.+)$/i.exec(textOf(item, 'HostResource') ?? '')?.[1] ?? null;
}

function capacityOf(envelope: Envelope, disk: XmlElement, values: PropertyValues): bigint | null {
  const text = nonEmpty(attribute(envelope, disk, 'capacity'));
  if (text === null) return null;
  const key = /^\$\{(.+)\}$/.exec(text)?.[1];
  const capacity = integerOf(key === undefined ? text : (values.get(key) ?? null));
  if (capacity === null) envelope.notes.add(`the capacity of a disk is no integer: ${quoted(text)}`);
  const unit = nonEmpty(attribute(envelope, disk, 'capacityAllocationUnits'));
  const bytes = unit === null ? 1n : bytesOfUnit(unit);
  if (bytes === null) envelope.notes.add(`the unit of a disk's capacity is not known: ${quoted(unit ?? '')}`);
  return capacity === null || bytes === null ? null : capacity * bytes;
}
