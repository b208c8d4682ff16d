import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSecretFile } from '../../../src/config/source/secret-file.js';
import { NO_USER_FILES, readUserFolder } from '../../../src/config/users/read-user-folder.js';
import { configFolder } from '../config-folder.js';

it('has files and flaws by their names, whichever is read first', async () => {
  const folder = await configFolder({ a: 'one', b: 'two', c: '', d: '' });
  const auth = { type: 'basic', username: '{user}', passwordFile: join(folder, '{user}') } as const;
  let readB: () => void = () => undefined;
  const isReadB = new Promise<void>((resolve) => {
    readB = resolve;
  });
  const found = await readUserFolder({ folder, url: 'https://h/{user}/', auth }, NO_USER_FILES, async (file) => {
    if (file.endsWith('a')) await isReadB;
    else readB();
    return await readSecretFile(file);
  });
  if ('problem' in found) throw new Error(found.problem);
  expect([...found.files.keys()]).toEqual(['a', 'b', 'c', 'd']);
  expect(found.flaws.get('empty')).toEqual(['c', 'd']);
});
