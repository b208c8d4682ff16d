import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const PROJECT = resolve(import.meta.dirname, '../..');
/** What there was once: a style sheet of the console would be given to browsers, and part of its address. */
const EARLIER = ['console/renamed.css', 'console/renamed.js', 'left-out/LICENSE'];

it('what the build lays for browsers is no more than there is, whatever an earlier build has left', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ovadex-browser-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of EARLIER) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), 'earlier');
  }
  execFileSync(process.execPath, ['--import', 'tsx', 'config/browser/main.ts', folder], { cwd: PROJECT });
  expect(EARLIER.filter((name) => existsSync(join(folder, name)))).toEqual([]);
  const own = readdirSync(join(PROJECT, 'src/browser/console')).filter((name) => /\.(js|css)$/.test(name));
  expect(readdirSync(join(folder, 'console')).sort()).toEqual(own.sort());
});
