import { childrenOf, type XmlElement } from '../xml/element.js';

/** Texts by their msgid. */
export type Messages = ReadonlyMap<string, string>;

const NONE: Messages = new Map();

/**
 * Reads the texts that stand apart from the elements they belong to, in `Strings`: each in the envelope's language,
 * else in English, else as the first has it. A translation may be partial: what it lacks or leaves empty, another has.
 */
export function readMessages(
  root: XmlElement,
  attribute: (element: XmlElement, local: string) => string | null,
): Messages {
  const bundles = childrenOf(root, 'Strings');
  if (bundles.length === 0) return NONE;
  const language = languageOf(root);
  const inOrder = [
    ...bundles.filter((bundle) => language !== '' && languageOf(bundle) === language),
    ...bundles.filter((bundle) => languageOf(bundle).startsWith('en')),
    ...bundles,
  ];
  const messages = new Map<string, string>();
  for (const entry of new Set(inOrder.flatMap((bundle) => childrenOf(bundle, 'Msg')))) {
    const id = attribute(entry, 'msgid');
    if (id !== null && entry.text.trim() !== '' && !messages.has(id)) messages.set(id, entry.text);
  }
  return messages;
}

function languageOf(element: XmlElement): string {
  return (
    element.attributes
      .find((a) => a.prefix === 'xml' && a.local === 'lang')
      ?.value.trim()
      .toLowerCase() ?? ''
  );
}
