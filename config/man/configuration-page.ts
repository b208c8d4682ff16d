import { configKeyPaths } from '../../src/config/json-schema.js';
import { type Reference, referenceOf } from '../../src/config/reference.js';
import { bold, indented, literal, type PageOptions, page, prose, title, verbatim } from './roff.js';

/** A line of a comment that shows another form of a key or an item, or continues one. */
const YAML_IN_COMMENT = /^(- |[A-Za-z][\w-]*:( |$)| {2,})/;

/** ovadex.yaml(5): every key of the schema, each with its description in the example configuration. */
export function configurationPage(example: string, options: PageOptions): string {
  const paths = configKeyPaths();
  const [preface, ...entries] = referenceOf(example, new Set(paths));
  return page([
    title('OVADEX.YAML', 5, options, 'File Formats'),
    '.SH NAME',
    'ovadex.yaml \\- configuration of ovadex',
    '.SH DESCRIPTION',
    ...commentLines(preface?.text ?? []),
    '.SH KEYS',
    ...withAllKeys(entries, paths).flatMap(entryLines),
    '.SH FILES',
    '.TP',
    '/etc/ovadex/ovadex.yaml',
    ...prose('The configuration of the service.'),
    '.SH ENVIRONMENT',
    '.TP',
    bold('CREDENTIALS_DIRECTORY'),
    ...prose(
      `The folder that replaces \`\${CREDENTIALS_DIRECTORY}/\` at the start of a path; systemd sets it for the service.`,
    ),
    '.SH SEE ALSO',
    '.BR ovadex (1)',
  ]);
}

/** Adds keys of a space that the example describes only at `storage`, with a reference to it. */
function withAllKeys(entries: readonly Reference[], paths: readonly string[]): readonly Reference[] {
  const there = new Set(entries.map(({ path }) => path));
  const missing = paths.filter((path) => !there.has(path));
  const behind = (path: string) => missing.filter((each) => sectionOf(each) === sectionOf(path));
  return entries.flatMap((entry, at) => {
    const isLast = sectionOf(entries[at + 1]?.path ?? '') !== sectionOf(entry.path);
    if (!isLast) return [entry];
    const others = behind(entry.path).map((path) => ({ path, value: '', text: [meaningOf(path, there)] }));
    return [entry, ...others];
  });
}

function sectionOf(path: string): string {
  return path.replace(/[.[].*$/, '');
}

/** Keys that stand in several places, and mean the same in each: where the example has them, and how to say so. */
const ALIKE: readonly (readonly [place: RegExp, examples: readonly string[], whose: string])[] = [
  [/^spaces\[\]\.discover/, ['storage', 'spaces[]'], 'for this discovery'],
  [/^spaces\[\]/, ['storage'], 'for this space only'],
  [/^link\.origins\[\]/, ['storage', 'spaces[]'], 'for the spaces that are linked there'],
  [/^data\./, ['storage.', 'spaces[].'], 'for the connection to the database'],
  [/^webhooks\[\]/, ['storage'], 'for this webhook, which takes nothing from there'],
  [/^storage/, ['spaces[]'], 'for every space without this key'],
];

function meaningOf(path: string, there: ReadonlySet<string>): string {
  for (const [place, examples, whose] of ALIKE) {
    if (!place.test(path)) continue;
    const alike = examples.map((example) => path.replace(place, example)).find((each) => there.has(each));
    if (alike !== undefined) return `Like ${alike}, ${whose}.`;
  }
  throw new Error(`the example configuration doesn't mention ${path}`);
}

function entryLines({ path, value, text }: Reference): readonly string[] {
  const head = path.includes('.')
    ? ['.PP', value === '' ? bold(path) : `${bold(path)}: ${literal(value)}`]
    : [`.SS ${literal(path)}`, ...(value === '' ? [] : ['.PP', `${bold(path)}: ${literal(value)}`])];
  return [...head, ...indented(commentLines(text))].filter((line) => line !== '');
}

/** Formats a comment as paragraphs of text with YAML between them. */
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
