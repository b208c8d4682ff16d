import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LICENCES } from '../bundle/bundle.js';
import type { Dependency } from './dependencies.js';

/** Writes Debian's copyright file (DEP-5) for the program and the packages in it and beside it with their own terms. */
export function copyrightFile(dependencies: readonly Dependency[], root: string, maintainer: string): string {
  const files = dependencies.map(({ path, name, version, licence }) => ({
    name: `${name} ${version}`,
    files: `usr/lib/ovadex/${path}/*`,
    licence,
    holders: holdersIn(join(root, path)),
    file: licenceFile(join(root, path)),
    path,
  }));
  const stanzas = files.map(({ name, files, licence, holders, file, path }) => [
    `Files: ${files}`,
    `Copyright: ${holders.length > 0 ? holders.join('\n  ') : `the authors of ${name}`}`,
    `License: ${licence.replace(/[^\w.+-]+/g, '-')}`,
    file === undefined
      ? ` ${name} names its licence in its package.json.`
      : ` The terms stand in /usr/lib/ovadex/${path}/${file}.`,
  ]);
  const head = ['Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/', 'Upstream-Name: ovadex'];
  const own = [
    'Files: *',
    `Copyright: ${maintainer}`,
    'License: unlicensed',
    ' All rights reserved: the program has no licence for others yet.',
  ];
  const contained = [
    'Files: usr/lib/ovadex/dist/*',
    `Copyright: ${maintainer}, and the holders named in ${LICENCES}`,
    'License: unlicensed-and-others',
    ` Contains packages whose holders and terms stand in /usr/lib/ovadex/dist/${LICENCES}.`,
  ];
  return `${[head, own, contained, ...stanzas].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function licenceFile(directory: string): string | undefined {
  return readdirSync(directory)
    .sort()
    .find((name) => /^(licen[cs]e|copying)/i.test(name));
}

function holdersIn(directory: string): readonly string[] {
  const file = licenceFile(directory);
  if (file === undefined) return [];
  const lines = readFileSync(join(directory, file), 'utf8').split('\n');
  const holders = lines.flatMap((line) => /^\W*copyright (?:\(c\)|©)? ?(.*\S)/i.exec(line)?.[1] ?? []);
  return holders.filter((holder) => /\d{4}|contributors|authors/i.test(holder));
}
