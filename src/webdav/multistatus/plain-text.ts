/** Characters that need processing in character data (XML 1.0, 2.4 and 2.11): references, `]]>`, line ends. */
const SPECIAL = /[&>\r]/;
const PREDEFINED = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
/** A CharRef (XML 1.0, 66); no character has more digits. */
const CHARACTER_REFERENCE = /^#(?:(\d{1,7})|x([0-9A-Fa-f]{1,6}))$/;

/**
 * Whether a part of a document has neither references nor carriage returns: then all its character data without a `>` is as
 * it is meant. Two fast searches of the whole save a slow one of each text.
 */
export function isLiteral(document: string): boolean {
  return !document.includes('&') && !document.includes('\r');
}

/**
 * Returns character data as it is meant, with its references replaced; null if one of them is not predefined, or if
 * something else in it isn't plain.
 */
export function plainText(text: string): string | null {
  return SPECIAL.test(text) ? resolveReferences(text) : text;
}

function resolveReferences(text: string): string | null {
  if (text.includes('>') || text.includes('\r')) return null;
  const [first = '', ...others] = text.split('&');
  let resolved = first;
  for (const other of others) {
    const semicolon = other.indexOf(';');
    const character = semicolon === -1 ? null : characterOf(other.slice(0, semicolon));
    if (character === null) return null;
    resolved += character + other.slice(semicolon + 1);
  }
  return resolved;
}

function characterOf(name: string): string | null {
  const predefined = PREDEFINED.get(name);
  if (predefined !== undefined) return predefined;
  const [, decimal, hex = ''] = CHARACTER_REFERENCE.exec(name) ?? [];
  const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
  return isChar(code) ? String.fromCodePoint(code) : null;
}

/** Whether the code is a Char (XML 1.0, 2). */
function isChar(code: number): boolean {
  return (
    code === 0x09 ||
    code === 0x0a ||
    code === 0x0d ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x1_0000 && code <= 0x10_ffff)
  );
}
