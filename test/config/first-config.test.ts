import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FirstAnswers, firstConfiguration, firstPlace } from '../../src/config/first-config.js';
import { checkConfig } from '../../src/config/load.js';
import { configFolder } from './config-folder.js';

const ANSWERS: FirstAnswers = {
  url: 'https://dav.example.org/{user}/',
  auth: 'basic',
  username: 'svc-ovadex',
  secretFile: 'dav.secret',
  users: ['jm', 'kim'],
  dataDirectory: 'data',
  nextcloud: null,
};

test.each<[url: string, users: string[], place: object]>([
  ['https://h/{user}/', ['a', 'b'], { kind: 'template', url: 'https://h/{user}/' }],
  ['https://h/{user}', ['a'], { kind: 'template', url: 'https://h/{user}/' }],
  ['https://h/a', ['a'], { kind: 'single', url: 'https://h/a/' }],
  ['https://h/all', [], { kind: 'discover', url: 'https://h/all/' }],
  ['https://h/{user}/', [], { kind: 'discover', url: 'https://h/' }],
])('%s for %j is understood', (url, users, place) => {
  expect(firstPlace({ url, users, nextcloud: null })).toEqual(place);
});

test.each<[url: string, users: string[], message: string]>([
  ['https://h/', ['a', 'b'], 'with several users, it needs {user}'],
  ['https://h/{user}/images/', [], '{user} can only be the last part'],
])('%s for %j is refused', (url, users, message) => {
  expect(() => firstPlace({ url, users, nextcloud: null })).toThrow(message);
});

describe('a first configuration', () => {
  test.each<[what: string, Partial<FirstAnswers>, users: string[], discoveries: number]>([
    ['of several users', {}, ['jm', 'kim'], 0],
    ['of one', { users: ['jm'], url: 'https://h/a b'.replace(' ', '%20') }, ['jm'], 0],
    ['of a discovery', { users: [] }, [], 1],
    ['by digest', { auth: 'digest' }, ['jm', 'kim'], 0],
    ['by token', { auth: 'bearer', username: null }, ['jm', 'kim'], 0],
    ['by nothing', { auth: 'none', username: null, secretFile: null }, ['jm', 'kim'], 0],
    [
      'with names that YAML takes for something else',
      { users: ['no', '12', '# x', "o'neil"], username: '- "a' },
      ['no', '12', '# x', "o'neil"],
      0,
    ],
  ])('%s is valid and says what was answered', async (_what, answers, users, discoveries) => {
    const given = { ...ANSWERS, ...answers };
    const folder = await configFolder({ 'ovadex.yaml': firstConfiguration(given), 'dav.secret': 'hunter2\n' });
    const { config, warnings } = await checkConfig(join(folder, 'ovadex.yaml'));
    expect(config.spaces.map(({ user }) => user)).toEqual(users);
    expect(config.discoveries).toHaveLength(discoveries);
    const [{ auth } = { auth: null }] = [...config.spaces, ...config.discoveries];
    expect(auth).toMatchObject({ type: given.auth, ...(given.username === null ? {} : { username: given.username }) });
    expect(config.data.directory).toBe(join(folder, 'data'));
    expect(warnings).toEqual([]);
  });
});
