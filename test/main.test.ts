import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test.each([
  ['--version', 0],
  ['sink', 2],
])('the process exits with the code of its command: %s', async (word, code) => {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, word], { stdio: 'ignore' });
  expect(await once(child, 'exit')).toEqual([code, null]);
});
