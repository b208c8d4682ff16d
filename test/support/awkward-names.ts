/** What makes a name more than a server may carry; a tree can leave such names out. */
export type NameTrait =
  | 'leading-dot' // nginx dav-ext lists no dotfiles
  | 'control' // rclone's local backend shows control characters as U+2400 pictures, lighttpd refuses URLs with them
  | 'not-utf8' // nephele has no words for them and says nothing of such files
  | 'never-utf8' // the same with a byte that no UTF-8 text has at all: lighttpd refuses URLs with one
  | 'quote-rune'; // U+201B, the escape character of rclone's own encoder (and of paths)

export interface AwkwardName {
  readonly bytes: Buffer;
  readonly trait: NameTrait | null;
}

/** Names as people, macOS, Windows shares and old archives leave them; each without its extension. */
const TEXTS: readonly string[] = [
  'plain',
  'UPPER',
  'upper',
  'two words',
  ' leading space',
  'trailing space ',
  'plus+plus',
  '100%',
  'two%20words',
  'a%2Fb',
  '%25',
  '%zz',
  'hash#tag',
  'what?',
  'query?a=b&c=d',
  'amp&amp;amp',
  '&lt;entity&#65;',
  'semi;colon',
  'equals=sign',
  "it's",
  'say "hi"',
  'brackets[1]',
  'round (copy)',
  'curly{x}',
  'lt<gt>',
  ']]>',
  'back\\slash',
  'tilde~',
  '~home',
  'col:on',
  'at@host',
  'comma,comma',
  'dollar$money',
  'star*',
  'pipe|caret^tick`',
  'bang!',
  '-rf',
  'dots..inside',
  'trailing dot.',
  'v1.2.3',
  'Schlüssel',
  'naïve café',
  '仮想マシン',
  '虚拟机 映像',
  'образ',
  'صورة',
  'emoji 😀 beyond',
  '𝒳 math',
  '👩‍🚀 joined',
  'zero\u200Bwidth',
  'bom\uFEFFinside',
  'nbsp\u00A0space',
  'replacement\uFFFD',
  'İstanbul ẞ ﬁ',
];

const LEADING_DOT: readonly string[] = ['.hidden', '..two', '...three'];
/** `‛E9` reads like the escape of a byte; the others only look a bit like it. */
const QUOTE_RUNE: readonly string[] = ['‛E9 literal', '‛single quote', '‛‛80', '‛e9'];
const CONTROL: readonly string[] = ['line\nbreak', 'tab\there', 'bell\u0007', 'del\u007F', 'cr\rlf'];
/** Latin-1, a lone continuation byte, a surrogate (CESU-8), a cut character. */
const NOT_UTF8: readonly string[] = ['caf\xe9', '\x80lone', 'cesu\xed\xa0\x80', 'cut\xe4\xbb'];
/** An overlong slash, a byte order mark of UTF-16. */
const NEVER_UTF8: readonly string[] = ['over\xc0\xaflong', '\xff\xfe'];
/** Composed and decomposed on Linux are two files that look alike. */
const TWINS: readonly string[] = ['é twin', 'Ångström', '한글', 'ñandú'];

const withTrait = (trait: NameTrait | null, encoding: BufferEncoding) => (text: string) => ({
  bytes: Buffer.from(text, encoding),
  trait,
});

/** Every name of the collection that has none of these traits. */
export function awkwardNames(leaveOut: readonly NameTrait[]): readonly AwkwardName[] {
  const all: AwkwardName[] = [
    ...TEXTS.map(withTrait(null, 'utf8')),
    ...LEADING_DOT.map(withTrait('leading-dot', 'utf8')),
    ...QUOTE_RUNE.map(withTrait('quote-rune', 'utf8')),
    ...CONTROL.map(withTrait('control', 'utf8')),
    ...NOT_UTF8.map(withTrait('not-utf8', 'latin1')),
    ...NEVER_UTF8.map(withTrait('never-utf8', 'latin1')),
  ];
  return all.filter(({ trait }) => trait === null || !leaveOut.includes(trait));
}

/** Pairs of names that differ in their normalisation form alone. */
export const normalisationTwins: readonly (readonly [Buffer, Buffer])[] = TWINS.map((text) => [
  Buffer.from(text.normalize('NFC')),
  Buffer.from(text.normalize('NFD')),
]);
