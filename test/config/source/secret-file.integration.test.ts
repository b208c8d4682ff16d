import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSecretFile } from '../../../src/config/source/secret-file.js';
import { makePipe } from '../../support/make-pipe.js';
import { configFolder } from '../config-folder.js';

test.each([
  ['secret', 'secret'],
  ['secret\n', 'secret'],
  ['secret\r\n', 'secret'],
  [' spaces stay ', ' spaces stay '],
  ['pässwörd\n', 'pässwörd'],
])('reads %j as %j', async (content, secret) => {
  const folder = await configFolder({ file: content });
  expect(await readSecretFile(join(folder, 'file'))).toEqual({ secret, isWorldReadable: false });
});

test.each<[string, string | Uint8Array, string]>([
  ['an empty file', '', 'empty'],
  ['only a newline', '\n', 'empty'],
  ['two newlines', 'secret\n\n', 'single line'],
  ['a binary file', Uint8Array.of(0xff, 0xfe, 0x41), 'UTF-8'],
  ['a large file', 'x'.repeat(65_537), '65536 bytes'],
])('refuses %s', async (_case, content, reason) => {
  const folder = await configFolder({ file: content });
  expect(await readSecretFile(join(folder, 'file'))).toEqual({ problem: expect.stringContaining(reason) as string });
});

test('refuses a pipe, and does not wait for who writes to it', async () => {
  const folder = await configFolder({});
  makePipe(join(folder, 'file'));
  expect(await readSecretFile(join(folder, 'file'))).toEqual({ problem: 'must be a regular file; it is a pipe' });
});

test('sees that everybody may read it', async () => {
  const folder = await configFolder({ file: 'secret' });
  await chmod(join(folder, 'file'), 0o644);
  expect(await readSecretFile(join(folder, 'file'))).toMatchObject({ isWorldReadable: true });
});
