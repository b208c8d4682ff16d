import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { licencesOf } from '../../config/bundle/licences.js';

const GRANTED = 'Permission is hereby granted';

/** What is told of a package with these files. */
function termsOf(manifest: object, files: Readonly<Record<string, string>>): string {
  const project = mkdtempSync(join(tmpdir(), 'ovadex-terms-'));
  onTestFinished(() => rmSync(project, { recursive: true }));
  const folder = join(project, 'node_modules/one');
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify({ name: 'one', version: '1.2.3', license: 'MIT', ...manifest });
  for (const [name, content] of Object.entries({ ...files, 'package.json': text }))
    writeFileSync(join(folder, name), content);
  return licencesOf(project, ['node_modules/one/dist/index.js', 'src/main.ts']).split(/\n-+\n/)[1] ?? '';
}

it.each([
  ['a file of its own', {}, { LICENSE: `Copyright A\n${GRANTED}\n`, 'README.md': '## License\n\nMIT\n' }],
  ['the last section of its description', {}, { 'README.md': `# one\n\n## License\n\nCopyright A\n${GRANTED}\n` }],
  [
    'a section that is underlined, before others',
    {},
    { 'Readme.md': `one\n===\n\nLicense\n-------\n\nCopyright A\n${GRANTED}\n\nMore\n----\n\nelse\n` },
  ],
])('the terms of a package are those of %s', (_, manifest, files) => {
  expect(termsOf(manifest, files)).toBe(`one 1.2.3: MIT\n\nCopyright A\n${GRANTED}\n`);
});

it.each([
  ['as one line', 'A Person <a@example.org> (https://a.example.org)', {}],
  ['as an object', { name: 'A Person', email: 'a@example.org' }, {}],
  ['beside a description that only names the licence', 'A Person', { 'README.md': '# one\n\n## License\n\nMIT\n' }],
])('a package without terms is told with its author, %s', (_, author, files) => {
  expect(termsOf({ author }, files)).toBe('one 1.2.3: MIT, by A Person\n');
});
