import type { XmlElement } from '../xml/element.js';
import { kindOf } from './sections.js';

/** What an envelope contains: systems, and the collections that group them. */
export interface Contents {
  /** The system or collection that the envelope is about; null if it has neither. */
  readonly top: XmlElement | null;
  readonly collections: readonly XmlElement[];
  readonly systems: readonly XmlElement[];
}

/** Finds the systems in the order of the document; collections nest. */
export function findSystems(root: XmlElement): Contents {
  const collections: XmlElement[] = [];
  const systems: XmlElement[] = [];
  const enter = (element: XmlElement) => {
    for (const child of element.children) {
      const kind = kindOf(child);
      if (kind === 'VirtualSystem') systems.push(child);
      else if (kind === 'VirtualSystemCollection') {
        collections.push(child);
        enter(child);
      }
    }
  };
  enter(root);
  const top = root.children.find((child) => ['VirtualSystem', 'VirtualSystemCollection'].includes(kindOf(child)));
  return { top: top ?? null, collections, systems };
}

/** Returns everything that may have sections, from the top down: the envelope, collections, systems. */
export function holdersOf(root: XmlElement, { collections, systems }: Contents): readonly XmlElement[] {
  return [root, ...collections, ...systems];
}
