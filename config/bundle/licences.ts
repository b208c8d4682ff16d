import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const TERMS = /^(licen[cs]e|copying|notice)/i;
const DESCRIPTION = /^readme(\.md)?$/i;
/** A section of Markdown with either kind of heading, up to the next one. */
const SECTION = /^(?:#+ *licen[cs]e *|licen[cs]e *\n[-=]+ *)\n(?<text>(?:(?!#|.+\n[-=]{3,} *$).*(?:\n|$))*)/im;
/** What tells only the name of a licence is shorter. */
const LEAST_TERMS = 40;
const HEAD = 'This program contains parts of the packages below, each under its own terms.';
const RULE = '-'.repeat(79);

/** Lists the packages of these files, relative to the project, with the terms that each comes with. */
export function licencesOf(project: string, files: readonly string[]): string {
  const packages = new Set(files.flatMap((file) => PACKAGE.exec(file)?.[0] ?? []));
  const parts = [...packages].sort().map((path) => {
    const manifest = JSON.parse(readFileSync(join(project, path, 'package.json'), 'utf8')) as Manifest;
    const { name, version, license } = manifest;
    const terms = termsIn(join(project, path));
    const author = terms.length > 0 ? '' : authorOf(manifest);
    return [`${name} ${version}: ${license ?? 'its licence is below'}${author}`, ...terms].join('\n\n');
  });
  return `${[HEAD, ...parts].join(`\n\n${RULE}\n`)}\n`;
}

/** The files with a package's terms, or else what its description says of them. */
function termsIn(folder: string): readonly string[] {
  const names = readdirSync(folder).sort();
  const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');
  const files = names.filter((name) => TERMS.test(name)).map((name) => textOf(name).trim());
  if (files.length > 0) return files;
  const sections = names
    .filter((name) => DESCRIPTION.test(name))
    .map((name) => SECTION.exec(textOf(name))?.groups?.['text']?.trim() ?? '');
  return sections.filter((text) => text.length >= LEAST_TERMS);
}

function authorOf({ author }: Manifest): string {
  const name = typeof author === 'string' ? author.replace(/ *[<(].*$/, '') : author?.name;
  return name === undefined ? '' : `, by ${name}`;
}
