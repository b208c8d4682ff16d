/**
 * Which spellings of a name are one and the same to a storage: `case` as on Windows, `form` where NFC and NFD are one,
 * `both` as on macOS; `none` takes names as bytes.
 */
export const SPELLINGS = ['none', 'case', 'form', 'both'] as const;
export type Spelling = (typeof SPELLINGS)[number];

/** What all spellings of a name have in common; of names as bytes of one character each. */
export function spellingKey(key: string, spelling: Spelling): string {
  if (spelling === 'none') return key;
  const text = Buffer.from(key, 'latin1').toString('utf8');
  // No storage folds what isn't text.
  if (text.includes('\uFFFD')) return key;
  const formed = spelling === 'case' ? text : text.normalize('NFC');
  return spelling === 'form' ? formed : formed.toLowerCase();
}
