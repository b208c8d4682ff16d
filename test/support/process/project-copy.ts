import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const SOURCES = [
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'test/README.md'],
  ...['config', 'migrations', 'src'],
];

/** The project's sources in a folder of their own: packing builds anew, under the feet of whatever runs from here. */
export function copyProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'ovadex-project-'));
  for (const source of SOURCES) cpSync(join(PROJECT, source), join(copy, source), { recursive: true });
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Changes a file of it. */
export function change(copy: string, file: string, by: (content: string) => string): void {
  writeFileSync(join(copy, file), by(readFileSync(join(copy, file), 'utf8')));
}
