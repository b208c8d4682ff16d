import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const SOURCES = [
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'test/README.md'],
  ...['config', 'migrations', 'src'],
];
const SETTINGS = ['.npmrc', '.prebuild-installrc'];

/** The project's sources in a folder of their own: packing builds anew, under the feet of whatever runs from here. */
export function copyProject(): string {
  const copy = copySources();
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** The same without any dependencies, as somebody has it who just got it; with what npm reads of settings. */
export function copySources(): string {
  const copy = mkdtempSync(join(tmpdir(), 'ovadex-project-'));
  for (const source of [...SOURCES, ...SETTINGS])
    cpSync(join(PROJECT, source), join(copy, source), { recursive: true });
  return copy;
}

/** Changes a file of it. */
export function change(copy: string, file: string, by: (content: string) => string): void {
  writeFileSync(join(copy, file), by(readFileSync(join(copy, file), 'utf8')));
}
