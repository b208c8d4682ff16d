import { bold, indented, literal, type PageOptions, page, prose, title, verbatim } from './roff.js';

const KEY = /^( *)(- )?([A-Za-z][\w-]*):(?: +(.*))?$/;
const ITEM = /^ *- (.+)$/;
const COMMENT = /^ *# ?(.*)$/;
/** A comment that shows another form of a key, or goes on with one. */
const YAML_IN_COMMENT = /^(- |[A-Za-z][\w-]*:( |$)| {2,})/;

interface Level {
  readonly indent: number;
  readonly path: string;
}

/** ovadex.yaml(5): the example configuration, each key with the comment above it. */
export function configurationPage(example: string, options: PageOptions): string {
  return page([
    title('OVADEX.YAML', 5, options, 'File Formats'),
    '.SH NAME',
    'ovadex.yaml \\- configuration of ovadex',
    '.SH DESCRIPTION',
    ...keyLines(example),
    '.SH SEE ALSO',
    '.BR ovadex (1)',
  ]);
}

function keyLines(example: string): readonly string[] {
  const lines: string[] = [];
  let levels: readonly Level[] = [];
  let comment: string[] = [];
  let isBeforeKeys = true;
  const tell = () => {
    const told = commentLines(comment);
    lines.push(...(isBeforeKeys ? told : indented(told)));
    comment = [];
  };
  for (const line of example.split('\n')) {
    const [, remark] = COMMENT.exec(line) ?? [];
    const [, spaces = '', dash = '', key, value = ''] = KEY.exec(line) ?? [];
    const [, item] = ITEM.exec(line) ?? [];
    if (remark !== undefined) {
      comment.push(remark);
    } else if (key !== undefined) {
      // A dash belongs to the key above it, which may stand in the same column.
      levels = levels.filter(({ indent }) => (dash === '' ? indent < spaces.length : indent <= spaces.length));
      const above = levels.at(-1)?.path ?? '';
      const path = `${above}${dash === '' ? '' : '[]'}${above === '' ? '' : '.'}${key}`;
      const inList = dash === '' || above === '' ? [] : [{ indent: spaces.length + 1, path: `${above}[]` }];
      levels = [...levels, ...inList, { indent: spaces.length + dash.length, path }];
      if (above === '') {
        lines.push(isBeforeKeys ? '.SH KEYS' : '', `.SS ${literal(key)}`);
        isBeforeKeys = false;
      } else {
        lines.push('.PP', value === '' ? bold(path) : `${bold(path)}: ${literal(value)}`);
      }
      tell();
    } else if (item !== undefined) {
      tell();
      lines.push(...indented(verbatim([`- ${item}`])));
    } else {
      tell();
    }
  }
  return lines.filter((line) => line !== '');
}

/** Paragraphs of text, and between them what is YAML. */
function commentLines(comment: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let text: string[] = [];
  let yaml: string[] = [];
  const endText = () => {
    if (text.length > 0) lines.push('.PP', ...prose(text.join(' ')));
    text = [];
  };
  const endYaml = () => {
    if (yaml.length > 0) lines.push(...verbatim(yaml));
    yaml = [];
  };
  for (const line of comment) {
    if (YAML_IN_COMMENT.test(line)) {
      endText();
      yaml.push(line);
    } else {
      endYaml();
      if (line === '') endText();
      else text.push(line);
    }
  }
  endText();
  endYaml();
  return lines;
}
