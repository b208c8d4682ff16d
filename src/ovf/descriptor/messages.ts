import { childrenOf, type XmlElement } from '../xml/element.js';

/** Texts by their msgid. */
export type Messages = ReadonlyMap<string, string>;

const NONE: Messages = new Map();

/**
 * Reads the texts that stand apart from the elements they belong to, in `Strings`: those in the envelope's language,
 * else in English, else the first.
 */
export function readMessages(
  root: XmlElement,
  attribute: (element: XmlElement, local: string) => string | null,
): Messages {
  const bundles = childrenOf(root, 'Strings');
  if (bundles.length === 0) return NONE;
  const language = languageOf(root);
  const chosen =
    bundles.find((bundle) => language !== '' && languageOf(bundle) === language) ??
    bundles.find((bundle) => languageOf(bundle).startsWith('en')) ??
    bundles[0];
  const messages = new Map<string, string>();
  for (const entry of chosen === undefined ? [] : childrenOf(chosen, 'Msg')) {
    const id = attribute(entry, 'msgid');
    if (id !== null && !messages.has(id)) messages.set(id, entry.text);
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
