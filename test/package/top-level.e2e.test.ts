import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const PROJECT = resolve(import.meta.dirname, '../..');

const TOP = [
  ...['README.md', 'config', 'migrations', 'src', 'test', '.ci'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', '.npmrc', '.prebuild-installrc'],
  ...['.editorconfig', '.gitattributes', '.gitignore'],
];

it('nothing lies at the top but the project itself and what a tool looks for nowhere else', () => {
  // A clone may hold files of whoever works in it; a copy without its history holds what was kept, and what is made of it.
  const isClone = existsSync(join(PROJECT, '.git'));
  const list = ['-c', 'safe.directory=*', 'ls-files'];
  const kept = isClone
    ? execFileSync('git', list, { cwd: PROJECT, encoding: 'utf8' }).trimEnd().split('\n')
    : readdirSync(PROJECT).filter((name) => !['node_modules', 'build', 'dist', 'coverage'].includes(name));
  const top = new Set(kept.map((file) => file.split('/')[0] ?? ''));
  expect([...top].sort()).toEqual([...TOP].sort());
});
