/** What man(7) reads, made from plain text. */

/** A source line that is longer is one that mandoc warns of. */
const COLUMNS = 76;

/** Text whose every character stands for itself: words of a command line, YAML. */
export function literal(text: string): string {
  return text.replace(/[\\\-'`^~]/g, (character) => LITERAL[character] ?? character);
}

const LITERAL: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

export const bold = (text: string) => `\\fB${literal(text)}\\fR`;
export const italic = (text: string) => `\\fI${literal(text)}\\fR`;

/** Text as a paragraph, each sentence on lines of its own; what stands between backticks is bold. */
export function prose(text: string): readonly string[] {
  return sentences(text).flatMap((sentence) => {
    const marked = sentence.split(/`([^`]+)`/).map((part, at) => (at % 2 === 1 ? bold(part) : words(part)));
    return wrap(marked.join('')).map(asText);
  });
}

/** Lines as they stand, apart from the text around them. */
export function verbatim(lines: readonly string[]): readonly string[] {
  return ['.PP', '.nf', ...lines.map((line) => asText(literal(line))), '.fi'];
}

/** What belongs to something above it. */
export function indented(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['.RS 4', ...lines, '.RE'];
}

/** A page without what would only make gaps in it. */
export function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
    .replaceAll('\n.fi\n.RE\n.RS 4\n.PP\n.nf\n', '\n')
    .replace(/^(\.S[HS] .*|\.RS 4)\n\.PP$/gm, '$1');
}

/** The head that every page has: whose it is, and of which day. */
export function title(name: string, section: number, { version, date }: PageOptions, title: string): string {
  return `.TH ${name} ${section} ${date} "ovadex ${version}" "${title}"`;
}

export interface PageOptions {
  readonly version: string;
  /** As in 2026-03-02. */
  readonly date: string;
}

/** A dash before a letter begins an option, and is to be copied as one. */
function words(text: string): string {
  return text.replaceAll('\\', '\\e').replace(/(?<![\w])-+(?=\w)/g, (dashes) => dashes.replaceAll('-', '\\-'));
}

/** A full stop within a word, such as of a file's name, ends nothing. */
function sentences(text: string): readonly string[] {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .split(/(?<=[.!?]) (?=[A-Z0-9])/);
}

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** A dot or an apostrophe at the beginning of a line would be a request. */
function asText(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}
