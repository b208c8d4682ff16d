import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSecretFile } from '../../../src/config/source/secret-file.js';
import { credentialsOfUser } from '../../../src/config/users/credentials-of-user.js';
import { keepingLastGood } from '../../../src/config/users/last-good.js';
import { configFolder } from '../config-folder.js';

it('keeps a user’s credentials while the file can’t be used, says so once, and drops them with the file', async () => {
  const folder = await configFolder({ jm: 'one' });
  const template = { type: 'basic', username: '{user}', passwordFile: join(folder, '{user}') } as const;
  const told: string[] = [];
  const fill = keepingLastGood(
    (each, user) => credentialsOfUser(each, user, readSecretFile),
    (user, problem) => told.push(`${user}: ${problem}`),
  );
  const password = async (user = 'jm') => {
    const filled = await fill(template, user);
    return 'auth' in filled && filled.auth.type === 'basic' ? filled.auth.password : filled;
  };
  const write = (text: string) => writeFileSync(join(folder, 'jm'), text);
  expect(await password()).toBe('one');
  write('two\nlines\n');
  expect([await password(), await password()]).toEqual(['one', 'one']);
  expect(told).toEqual([`jm: must contain a single line without control characters: ${join(folder, 'jm')}`]);
  write('new');
  expect(await password()).toBe('new');
  write('');
  expect(await password()).toBe('new');
  expect(told).toHaveLength(2);
  rmSync(join(folder, 'jm'));
  expect(await password()).toMatchObject({ isGone: true });
  write('');
  expect(await password()).toMatchObject({ isGone: false, problem: 'must not be empty' });
  expect(await password('nobody')).toMatchObject({ isGone: true });
});
