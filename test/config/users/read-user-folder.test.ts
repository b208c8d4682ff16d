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

it('reads a file again that a disk gave no answer about, though its state is the same', async () => {
  const folder = await configFolder({ jm: 'one' });
  const auth = { type: 'basic', username: '{user}', passwordFile: join(folder, '{user}') } as const;
  const answers = [{ problem: 'EIO' }, 'read', { problem: 'EIO' }, 'read'] as const;
  let found = NO_USER_FILES;
  const seen: unknown[] = [];
  for (const answer of [...answers, ...answers]) {
    const read = async (file: string) => (answer === 'read' ? await readSecretFile(file) : answer);
    const now = await readUserFolder({ folder, url: 'https://h/{user}/', auth }, found, read);
    if ('problem' in now) throw new Error(now.problem);
    found = now;
    const jm = found.files.get('jm');
    seen.push([jm?.flaw ?? null, jm?.space?.auth.type ?? null]);
  }
  // Once it was read, only another state of it is worth reading it again.
  expect(seen).toEqual([['unusable', null], ...Array(7).fill([null, 'basic'])]);
});
