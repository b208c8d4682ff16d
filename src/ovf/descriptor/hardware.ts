import { nonEmpty, textOf, type XmlElement } from '../xml/element.js';
import { isFor } from './configurations.js';
import { quoted } from './notes.js';
import { integerOf } from './quantities.js';
import { attribute, type Envelope, sectionsOf } from './sections.js';
import { bytesOfUnit } from './units.js';

/** The CIM resource types that matter to a deployer. */
export const RESOURCE = { processor: '3', memory: '4', ethernet: '10', disk: '17' } as const;

/** OVF 2 has elements of their own for disks and network cards. */
const ITEMS: ReadonlySet<string> = new Set(['Item', 'StorageItem', 'EthernetPortItem']);
const MIB = 2n ** 20n;

/** Returns the hardware generations that the systems are made for, such as `vmx-10`, each once, in order. */
export function hardwareOf(systems: readonly XmlElement[]): readonly string[] {
  const types = systems
    .flatMap((system) => sectionsOf(system, 'VirtualHardwareSection'))
    .flatMap((section) => section.children.filter((child) => child.local === 'System'))
    .flatMap((element) => (textOf(element, 'VirtualSystemType') ?? '').split(/[\s,]+/));
  return [...new Set(types.filter((type) => type !== ''))];
}

/**
 * Returns the items of a system's first hardware section that a configuration brings: those for all and its own, which
 * take the place of those for all with the same id. The bounds of ranges are left out.
 */
export function itemsOf(envelope: Envelope, system: XmlElement, configuration: string | null): readonly XmlElement[] {
  const section = sectionsOf(system, 'VirtualHardwareSection')[0];
  const items = (section?.children ?? []).filter((child) => ITEMS.has(child.local) && !isBound(envelope, child));
  const own = items.filter((item) => isFor(envelope, item, configuration) === 'yes');
  const replaced = new Set(own.map(instanceOf));
  replaced.delete(null);
  return items.filter((item) => {
    const use = isFor(envelope, item, configuration);
    return use === 'yes' || (use === 'all' && !replaced.has(instanceOf(item)));
  });
}

/** Returns the items of one resource type. */
export function ofType(items: readonly XmlElement[], type: string): readonly XmlElement[] {
  return items.filter((item) => textOf(item, 'ResourceType') === type);
}

/** Returns how many processors the items are together; null if that isn't said. */
export function processorsOf(envelope: Envelope, items: readonly XmlElement[]): number | null {
  const counts = ofType(items, RESOURCE.processor).map(
    (item) => quantityOfItem(envelope, item, 'number of processors') ?? threadsOf(item),
  );
  return totalOf(envelope, counts, 'number of processors');
}

/** Returns what oVirt writes instead of a quantity: sockets by cores by threads, one of each that it doesn't say. */
function threadsOf(item: XmlElement): bigint | null {
  const factors = ['num_of_sockets', 'cpu_per_socket', 'threads_per_cpu'].map((name) => integerOf(textOf(item, name)));
  const known = factors.filter((factor) => factor !== null);
  return known.length === 0 ? null : known.reduce((product, factor) => product * factor, 1n);
}

/** Returns how much memory the items are together, in MiB; null if that isn't said. */
export function memoryOf(envelope: Envelope, items: readonly XmlElement[]): number | null {
  const sizes = ofType(items, RESOURCE.memory).map((item) => {
    const quantity = quantityOfItem(envelope, item, 'amount of memory');
    // CIM has a unit for the quantity alone, too: some write only that one.
    const unit = textOf(item, 'AllocationUnits') ?? textOf(item, 'VirtualQuantityUnits');
    const bytes = unit === null ? MIB : bytesOfUnit(unit);
    if (bytes === null) envelope.notes.add(`the unit of the memory is not known: ${quoted(unit ?? '')}`);
    return quantity === null || bytes === null ? null : quantity * bytes;
  });
  const known = sizes.filter((size) => size !== null);
  if (known.some((size) => size % MIB !== 0n)) envelope.notes.add('the memory is no whole number of MiB: rounded down');
  return totalOf(
    envelope,
    sizes.map((size) => (size === null ? null : size / MIB)),
    'amount of memory',
  );
}

function isBound(envelope: Envelope, item: XmlElement): boolean {
  const bound = nonEmpty(attribute(envelope, item, 'bound'))?.toLowerCase();
  return bound === 'min' || bound === 'max';
}

function instanceOf(item: XmlElement): string | null {
  return textOf(item, 'InstanceID') ?? textOf(item, 'InstanceId');
}

function quantityOfItem(envelope: Envelope, item: XmlElement, what: string): bigint | null {
  const text = textOf(item, 'VirtualQuantity');
  const quantity = integerOf(text);
  if (quantity === null && text !== null) envelope.notes.add(`the ${what} is no integer: ${quoted(text)}`);
  return quantity;
}

/** Adds up what is known; null if nothing is, and, with a note, beyond 2^53, where a number would round it. */
export function totalOf(
  envelope: Envelope,
  values: readonly (bigint | number | null)[],
  what: 'number of processors' | 'amount of memory',
): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const sum = known.reduce((left: bigint, right) => left + BigInt(right), 0n);
  if (sum <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(sum);
  envelope.notes.add(`the ${what} is beyond all measure: ${quoted(sum.toString())}`);
  return null;
}
