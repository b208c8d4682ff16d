import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { EXIT } from '../src/cli/terminal/exit-code.js';
import { isForLaterBinding } from '../src/platform/sqlite-binding.js';
import { overhear } from './support/secrets.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

test('a Node that would end the process is refused before anything is done', async () => {
  const other = isForLaterBinding(process.versions.node) ? '20.19.0' : '24.1.0';
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${other}' } });`;
  const first = `data:text/javascript,${encodeURIComponent(pretend)}`;
  const args = ['--import', first, MAIN, 'spaces', '--config', '/nowhere.yaml'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  overhear(child);
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(code).toBe(EXIT.runtime);
  expect(said).toMatch(new RegExp(`^ovadex: Node ${other} can't run with better-sqlite3 .*: npm ci.*\n$`));
});

test.each([
  ['--version', 0],
  ['sink', 2],
])('the process exits with the code of its command: %s', async (word, code) => {
  const child = spawn(process.execPath, [MAIN, word], { stdio: 'ignore' });
  expect(await once(child, 'exit')).toEqual([code, null]);
});

test.each([
  ['--help', EXIT.index],
  ['completion', EXIT.usage],
])('output that a full disk refuses is told as that, without a stack: %s', async (word, code) => {
  const full = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(full));
  const child = spawn(process.execPath, [MAIN, word], { stdio: ['ignore', full, 'pipe'] });
  const [lines, ended] = await Promise.all([child.stderr?.setEncoding('utf8').toArray(), once(child, 'close')]);
  const said = (lines ?? []).join('');
  expect(ended).toEqual([code, null]);
  const told = "ovadex: the output can't be written: ENOSPC: no space left on device, write\n";
  expect(said.endsWith(told)).toBe(code === EXIT.index);
  expect(said).not.toContain('.js:');
});
