import { expect, it } from 'vitest';
import { clientOf } from '../../../src/app/engines/postgres-client.js';
import type { DatabaseSettings } from '../../../src/config/sections/data.js';

const SETTINGS: DatabaseSettings = {
  ...{ host: 'db.example.org', port: 5432, user: 'ovadex', name: 'ovadex' },
  ...{ password: { file: '/etc/ovadex/database.password', secret: 'good' }, tls: null, pool: 10 },
};

async function answer(settings: DatabaseSettings): Promise<string> {
  const { password } = clientOf(settings);
  if (typeof password !== 'function') throw new Error('it is not asked for when it is wanted');
  return await password();
}

it('a server that asks for the password gets it', async () => {
  expect(await answer(SETTINGS)).toBe('good');
});

it('a server that asks for a password where none is given is told apart from a bug', async () => {
  await expect(answer({ ...SETTINGS, password: null })).rejects.toMatchObject({
    code: 'index',
    message: expect.stringContaining('passwordFile'),
  });
});
