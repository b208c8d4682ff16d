import type { OperatingSystem } from '../../domain/description/descriptor.js';
import { childOf, nonEmpty, type XmlElement } from '../xml/element.js';
import { quoted } from './notes.js';
import { integerOf } from './quantities.js';
import { attribute, type Envelope, message, sectionsOf, vmwAttribute } from './sections.js';

/** The ids of CIM_OperatingSystem.OsType have three digits at most; a little more is believed. */
const GREATEST_ID = 65_535n;

/** Reads what a system runs; null if it says nothing of it. */
export function readOs(envelope: Envelope, system: XmlElement): OperatingSystem | null {
  const section = sectionsOf(system, 'OperatingSystemSection')[0];
  if (section === undefined) return null;
  const text = nonEmpty(attribute(envelope, section, 'id'));
  const id = integerOf(text);
  if (text !== null && (id === null || id > GREATEST_ID)) {
    envelope.notes.add(`the id of the operating system is no number of CIM's: ${quoted(text)}`);
  }
  return {
    id: id === null || id > GREATEST_ID ? null : Number(id),
    description: message(envelope, section, 'Description'),
    version: nonEmpty(attribute(envelope, section, 'version')),
    vmwOsType: vmwAttribute(section, 'osType'),
    vboxOsType: nonEmpty(childOf(section, 'OSType')?.text),
  };
}
