/** An attribute; `uri` is the namespace that its prefix stands for, empty without a prefix. */
export interface XmlAttribute {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly value: string;
}

/** An element with its text: that of its own, the pieces between its children joined. */
export interface XmlElement {
  readonly local: string;
  readonly uri: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** Returns the children of this name, whatever their namespace. */
export function childrenOf(element: XmlElement, local: string): readonly XmlElement[] {
  return element.children.filter((child) => child.local === local);
}

/** Returns the first child of this name, whatever its namespace. */
export function childOf(element: XmlElement, local: string): XmlElement | null {
  return element.children.find((child) => child.local === local) ?? null;
}

/** Returns the text of the first child of this name, without blanks around it; null if that leaves nothing. */
export function textOf(element: XmlElement, local: string): string | null {
  return nonEmpty(childOf(element, local)?.text);
}

/** Returns a text without blanks around it, null if that leaves nothing. */
export function nonEmpty(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}
