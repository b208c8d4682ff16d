import { childrenOf, nonEmpty, textOf, type XmlAttribute, type XmlElement } from '../xml/element.js';
import { type Messages, readMessages } from './messages.js';
import type { Notes } from './notes.js';

/** An envelope, and what it takes to read its elements. */
export interface Envelope {
  readonly root: XmlElement;
  readonly messages: Messages;
  readonly notes: Notes;
}

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const VMW = 'http://www.vmware.com/schema/ovf';
/** Namespaces whose attributes have meanings of their own: `vmw:id` is not an `ovf:id`. */
const FOREIGN: ReadonlySet<string> = new Set([
  VMW,
  'http://www.virtualbox.org/ovf/machine',
  XSI,
  'http://www.w3.org/XML/1998/namespace',
]);
const FOREIGN_PREFIXES: ReadonlySet<string> = new Set(['vmw', 'vbox', 'xsi', 'xml']);

/** Makes an envelope of a document's root. */
export function openEnvelope(root: XmlElement, notes: Notes): Envelope {
  return { root, messages: readMessages(root, (element, local) => attributeIn(root, element, local)), notes };
}

/** Returns an attribute of OVF's own: in the root's namespace, else in none, else in any that isn't another's. */
export function attribute({ root }: Envelope, element: XmlElement, local: string): string | null {
  return attributeIn(root, element, local);
}

/** Returns an attribute that VMware adds to OVF's own. */
export function vmwAttribute(element: XmlElement, local: string): string | null {
  const found = element.attributes.find((a) => a.local === local && (a.uri === VMW || a.prefix === 'vmw'));
  return nonEmpty(found?.value);
}

/** Whether an attribute is there and says yes. */
export function isTrue(envelope: Envelope, element: XmlElement, local: string): boolean {
  return ['true', '1'].includes(attribute(envelope, element, local)?.trim().toLowerCase() ?? '');
}

/** Returns the text of a child, from the Strings if the child itself only names one; null if there is none. */
export function message(envelope: Envelope, element: XmlElement, local: string): string | null {
  const text = textOf(element, local);
  if (text !== null) return text;
  for (const child of childrenOf(element, local)) {
    const id = attribute(envelope, child, 'msgid');
    const found = id === null ? null : nonEmpty(envelope.messages.get(id));
    if (found !== null) return found;
  }
  return null;
}

/** Returns the sections of a kind, such as `DiskSection`, whether called so or, as in OVF 0.9, by their type. */
export function sectionsOf(element: XmlElement, kind: string): readonly XmlElement[] {
  return element.children.filter((child) => kindOf(child) === kind);
}

/** Returns what an element is: in OVF 0.9 a `Section` or `Content` says so by its `xsi:type`. */
export function kindOf(element: XmlElement): string {
  if (element.local !== 'Section' && element.local !== 'Content') return element.local;
  const type = element.attributes.find((a) => a.local === 'type' && (a.uri === XSI || a.prefix === 'xsi'));
  return type === undefined
    ? element.local
    : type.value
        .trim()
        .replace(/^.*:/, '')
        .replace(/_Type$/, '');
}

function attributeIn(root: XmlElement, element: XmlElement, local: string): string | null {
  const candidates = element.attributes.filter((a) => a.local === local);
  if (candidates.length === 0) return null;
  const found =
    candidates.find((a) => a.uri === root.uri && a.uri !== '') ??
    candidates.find((a) => a.prefix === '') ??
    candidates.find((a) => !isForeign(a));
  return found?.value ?? null;
}

function isForeign({ uri, prefix }: XmlAttribute): boolean {
  return FOREIGN.has(uri) || FOREIGN_PREFIXES.has(prefix);
}
