import type { Descriptor, Quantity, VirtualSystem } from '../../domain/description/descriptor.js';
import { childrenOf, nonEmpty, type XmlElement } from '../xml/element.js';
import { readConfigurations } from './configurations.js';
import { type Capacities, capacityOfDrive, noteOtherDrives, readCapacities } from './disks.js';
import { familyOf } from './family.js';
import { readBoot } from './firmware.js';
import { hardwareOf, itemsOf, memoryOf, ofType, processorsOf, RESOURCE, totalOf } from './hardware.js';
import { createKeeper } from './kept.js';
import type { Notes } from './notes.js';
import { readOs } from './os.js';
import { readProduct } from './product.js';
import { readProperties, readValues } from './properties.js';
import { quantityOf } from './quantities.js';
import { readReferences } from './references.js';
import { attribute, type Envelope, message, openEnvelope, sectionsOf } from './sections.js';
import { findSystems, holdersOf } from './systems.js';

/** Whether a document is an OVF descriptor by its root: SOAP has an Envelope, too. */
export function isEnvelope(root: XmlElement): boolean {
  return root.local === 'Envelope' && !/\bsoap\b/i.test(root.uri);
}

/** Whether an envelope has neither a system nor a collection of them: nothing could be deployed. */
export function isAboutNothing(root: XmlElement): boolean {
  return findSystems(root).top === null;
}

/** Reads what a descriptor says. Odd values become notes and leave the others as they are. */
export function describe(root: XmlElement, notes: Notes): Descriptor {
  const envelope = openEnvelope(root, notes);
  const contents = findSystems(root);
  const holders = holdersOf(root, contents);
  const products = holders.flatMap((holder) => sectionsOf(holder, 'ProductSection'));
  const configurations = readConfigurations(envelope);
  const capacities = readCapacities(envelope, readValues(envelope, products, configurations.chosen));
  const read = contents.systems.map((system) => readSystem(envelope, system, configurations.chosen, capacities));
  const systems = read.map(({ system }) => system);
  const drives = read.flatMap((each) => each.capacities);
  const os = systems.find((system) => system.os !== null)?.os ?? null;
  const files = readReferences(envelope);
  const kept = createKeeper(notes);
  const annotations = holders.flatMap((holder) => sectionsOf(holder, 'AnnotationSection'));

  return {
    ovfVersion: versionOf(root),
    name: contents.top === null ? null : nameOf(envelope, contents.top),
    ...readProduct(envelope, products),
    os,
    family: familyOf(os),
    hardware: kept(hardwareOf(contents.systems), 'hardware generations'),
    cpus: totalOf(
      envelope,
      systems.map(({ cpus }) => cpus),
      'number of processors',
    ),
    memoryMib: totalOf(
      envelope,
      systems.map(({ memoryMib }) => memoryMib),
      'amount of memory',
    ),
    disks: { count: drives.length, capacityBytes: together(drives) },
    nics: systems.reduce((sum, { nics }) => sum + nics, 0),
    networks: kept(networksOf(envelope), 'networks'),
    files: kept(files, 'files'),
    downloadBytes: downloadOf(files.map(({ size }) => size)),
    hasEula: holders.some((holder) => sectionsOf(holder, 'EulaSection').length > 0),
    annotation: annotations.map((section) => message(envelope, section, 'Annotation')).find(isSaid) ?? null,
    properties: kept(readProperties(envelope, products, configurations.chosen), 'properties'),
    configurations: kept(configurations.all, 'configurations'),
    defaultConfiguration: configurations.chosen,
    ...readBoot(contents.systems),
    systems: kept(systems, 'systems'),
  };
}

function readSystem(
  envelope: Envelope,
  element: XmlElement,
  configuration: string | null,
  capacities: Capacities,
): { readonly system: VirtualSystem; readonly capacities: readonly (bigint | null)[] } {
  const items = itemsOf(envelope, element, configuration);
  const drives = ofType(items, RESOURCE.disk);
  noteOtherDrives(envelope, items, capacities);
  const system: VirtualSystem = {
    id: nonEmpty(attribute(envelope, element, 'id')),
    name: nameOf(envelope, element),
    cpus: processorsOf(envelope, items),
    memoryMib: memoryOf(envelope, items),
    nics: ofType(items, RESOURCE.ethernet).length,
    disks: drives.length,
    os: readOs(envelope, element),
  };
  return { system, capacities: drives.map((drive) => capacityOfDrive(drive, capacities)) };
}

/** The version of OVF that the namespace stands for; `ovf:version` is the exporter's own and often wrong. */
function versionOf(root: XmlElement): string | null {
  const major = /\/ovf\/envelope\/(\d{1,3})\/?$/.exec(root.uri)?.[1];
  if (major !== undefined) return `${major}.x`;
  return /\/schema\/ovf\/1\/envelope\/?$/.test(root.uri) ? '0.9' : null;
}

function nameOf(envelope: Envelope, element: XmlElement): string | null {
  return message(envelope, element, 'Name') ?? nonEmpty(attribute(envelope, element, 'id'));
}

function networksOf(envelope: Envelope): readonly string[] {
  return sectionsOf(envelope.root, 'NetworkSection')
    .flatMap((section) => childrenOf(section, 'Network'))
    .flatMap((network) => nonEmpty(attribute(envelope, network, 'name')) ?? []);
}

function together(capacities: readonly (bigint | null)[]): Quantity | null {
  let sum = 0n;
  for (const capacity of capacities) {
    if (capacity === null) return null;
    sum += capacity;
  }
  return quantityOf(sum);
}

function downloadOf(sizes: readonly (Quantity | null)[]): Quantity | null {
  const known = sizes.filter(isSaid);
  return known.length === 0 ? null : quantityOf(known.reduce((sum: bigint, size) => sum + BigInt(size), 0n));
}

function isSaid<T>(value: T | null): value is T {
  return value !== null;
}
