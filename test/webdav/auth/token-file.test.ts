import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTokenFile } from '../../../src/webdav/auth/token-file.js';
import { UnusableCredentials } from '../../../src/webdav/failure/failure.js';
import { configFolder } from '../../config/config-folder.js';

/** A token file that tells how often it was read; what it answers is `secret`, whatever the file holds. */
async function openFile() {
  const file = join(await configFolder({ token: 'x' }), 'token');
  let now = 0;
  let reads = 0;
  let secret = 'token-1';
  const readSecret = async () => {
    reads++;
    return { secret };
  };
  return {
    file,
    tokenFile: createTokenFile(file, { readSecret, clock: () => now }),
    reads: () => reads,
    write: (next: string) => {
      secret = next;
    },
    touch: (seconds: number) => utimes(file, seconds, seconds),
    passTime: (ms: number) => {
      now += ms;
    },
  };
}

test('is read once for all who ask at the same time', async () => {
  const { tokenFile, reads } = await openFile();
  expect(await Promise.all([tokenFile.token(), tokenFile.token(), tokenFile.token()])).toEqual(
    Array.from({ length: 3 }, () => 'token-1'),
  );
  expect(reads()).toBe(1);
});

test('is looked at once a second at most, and read again only when it changed', async () => {
  const { tokenFile, reads, write, touch, passTime } = await openFile();
  await tokenFile.token();
  write('token-2');
  await touch(1);
  passTime(999);
  expect(await tokenFile.token()).toBe('token-1');
  passTime(1);
  expect(await tokenFile.token()).toBe('token-2');
  passTime(1_000);
  expect(await tokenFile.token()).toBe('token-2');
  expect(reads()).toBe(2);
});

test('is looked at again when the clock was put back', async () => {
  const { tokenFile, write, touch, passTime } = await openFile();
  passTime(1_000_000);
  await tokenFile.token();
  write('token-2');
  await touch(1);
  passTime(-900_000);
  expect(await tokenFile.token()).toBe('token-2');
});

test('is read at once where somebody insists', async () => {
  const { tokenFile, write } = await openFile();
  await tokenFile.token();
  write('token-2');
  expect(await tokenFile.reread()).toBe('token-2');
  expect(await tokenFile.token()).toBe('token-2');
});

test('says what is wrong, and recovers', async () => {
  const { file, tokenFile, write, passTime } = await openFile();
  write('two words');
  await expect(tokenFile.token()).rejects.toThrow(UnusableCredentials);
  await expect(tokenFile.token()).rejects.toThrow('must contain a token without spaces');
  write('token-2');
  await writeFile(file, 'another length');
  passTime(1_000);
  expect(await tokenFile.token()).toBe('token-2');
});
