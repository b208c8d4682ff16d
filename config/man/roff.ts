/** Formats plain text for man(7). */

/** The longest source line; mandoc warns about longer ones. */
const COLUMNS = 76;

/** Formats literal text, such as words of a command line or YAML. */
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

/** Formats text as a paragraph, each sentence on its own lines, with text between backticks in bold. */
export function prose(text: string): readonly string[] {
  return sentences(text).flatMap((sentence) => {
    const marked = sentence.split(/`([^`]+)`/).map((part, at) => (at % 2 === 1 ? bold(part) : words(part)));
    return wrap(marked.join('')).map(asText);
  });
}

/** Formats lines verbatim, set apart from the text around them. */
export function verbatim(lines: readonly string[]): readonly string[] {
  return ['.PP', '.nf', ...lines.map((line) => asText(literal(line))), '.fi'];
}

/** Indents lines that belong to something above them. */
export function indented(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['.RS 4', ...lines, '.RE'];
}

/** Joins the lines of a page, without macros that would only leave gaps. */
export function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
    .replaceAll('\n.fi\n.RE\n.RS 4\n.PP\n.nf\n', '\n')
    .replace(/^(\.S[HS] .*|\.RS 4)\n\.PP$/gm, '$1');
}

/** Formats the head of a page with its name, version and date. */
export function title(name: string, section: number, { version, date }: PageOptions, title: string): string {
  return `.TH ${name} ${section} ${date} "ovadex ${version}" "${title}"`;
}

export interface PageOptions {
  readonly version: string;
  /** The date, such as 2026-03-02. */
  readonly date: string;
}

/** Escapes dashes before a letter, which begin an option and must survive copying. */
function words(text: string): string {
  return text.replaceAll('\\', '\\e').replace(/(?<![\w])-+(?=\w)/g, (dashes) => dashes.replaceAll('-', '\\-'));
}

/** Splits text into sentences; a full stop within a word, such as a file name, does not end one. */
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

/** Protects a dot or apostrophe at the beginning of a line, which would be a request. */
function asText(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}
