import type { ReferencedFile } from '../../domain/description/descriptor.js';
import { childrenOf, nonEmpty, type XmlElement } from '../xml/element.js';
import { quoted } from './notes.js';
import { integerOf, quantityOf } from './quantities.js';
import { attribute, type Envelope } from './sections.js';

/** Reads the files that the descriptor refers to, in their order. */
export function readReferences(envelope: Envelope): readonly ReferencedFile[] {
  const files = childrenOf(envelope.root, 'References').flatMap((section) => childrenOf(section, 'File'));
  return files.flatMap((file) => {
    const href = attribute(envelope, file, 'href');
    if (href === null || href === '') {
      envelope.notes.add('a file of the references has no href');
      return [];
    }
    return [
      {
        href,
        size: quantityIn(envelope, file, 'size'),
        compression: nonEmpty(attribute(envelope, file, 'compression')),
        chunkSize: quantityIn(envelope, file, 'chunkSize'),
      },
    ];
  });
}

function quantityIn(envelope: Envelope, file: XmlElement, local: string) {
  const text = nonEmpty(attribute(envelope, file, local));
  if (text === null) return null;
  const value = integerOf(text);
  if (value === null) envelope.notes.add(`the ${local} of a file is no integer: ${quoted(text)}`);
  return value === null ? null : quantityOf(value);
}
