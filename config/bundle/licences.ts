import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const TERMS = /^(licen[cs]e|copying|notice)/i;
const HEAD = 'This program contains parts of the packages below, each under its own terms.';
const RULE = '-'.repeat(79);

/** Lists the packages of these files, relative to the project, with the terms that each comes with. */
export function licencesOf(project: string, files: readonly string[]): string {
  const packages = new Set(files.flatMap((file) => PACKAGE.exec(file)?.[0] ?? []));
  const parts = [...packages].sort().map((path) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(project, path, 'package.json'), 'utf8'),
    ) as Manifest;
    const terms = readdirSync(join(project, path))
      .filter((file) => TERMS.test(file))
      .sort()
      .map((file) => readFileSync(join(project, path, file), 'utf8').trim());
    return [`${name} ${version}: ${license ?? 'its licence is below'}`, ...terms].join('\n\n');
  });
  return `${[HEAD, ...parts].join(`\n\n${RULE}\n`)}\n`;
}
