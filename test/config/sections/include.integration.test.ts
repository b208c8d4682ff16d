import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { checkConfig } from '../../../src/config/load.js';
import { watchConfig } from '../../../src/config/watch.js';
import { makePipe } from '../../support/make-pipe.js';
import { configFolder } from '../config-folder.js';

const MAIN = 'data: { directory: x }\nstorage: { url: "http://h/{user}/" }\n';

/** A configuration with files in `spaces.d`, and other files beside it. */
async function included(main: string, files: Readonly<Record<string, string>>) {
  const folder = await configFolder({});
  await mkdir(join(folder, 'spaces.d'));
  for (const [name, text] of Object.entries({ ...files, 'ovadex.yaml': MAIN + main })) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
  }
  return { folder, file: join(folder, 'ovadex.yaml') };
}

/** What is wrong, a line each, without the folder. */
async function problemsOf(main: string, files: Readonly<Record<string, string>>) {
  const { folder, file } = await included(main, files);
  const error = await checkConfig(file).then(
    () => 'valid',
    (reason: Error) => reason.message,
  );
  return error.replaceAll(`${folder}/`, '').replaceAll(folder, '').split('\n').slice(1);
}

const user = (name: string) => `spaces: [{ user: ${name} }]\n`;

describe('an include', () => {
  test('adds the spaces of its files, in the order of their names, after those of the file itself', async () => {
    const { file, folder } = await included(`include: spaces.d/*.yaml\n${user('main')}`, {
      'spaces.d/20-b.yaml': user('b'),
      'spaces.d/100-a.yaml': `${user('a')}`,
      'spaces.d/Z.yaml': 'spaces:\n  - discover: "http://h/all"\n  - user: z\n    url: "http://other/"\n',
      'spaces.d/empty.yaml': '',
      'spaces.d/.hidden.yaml': user('hidden'),
      'spaces.d/b.yaml~': user('backup'),
      'spaces.d/README': 'text',
    });
    const { config, files } = await checkConfig(file);
    expect(config.spaces.map(({ user: name }) => name)).toEqual(['main', 'a', 'b', 'z']);
    expect(config.discoveries.map(({ url }) => url)).toEqual(['http://h/all/']);
    expect(files).toEqual(expect.arrayContaining([join(folder, 'spaces.d'), join(folder, 'spaces.d/Z.yaml')]));
  });

  test('that is no path of YAML files is told as it stands', async () => {
    expect((await problemsOf('include: /etc/shadow', {})).join()).toContain('(it is "/etc/shadow")');
  });

  test('of a pipe is refused, and not waited for', async () => {
    const { folder, file } = await included('include: spaces.d/*.yaml', { 'spaces.d/a.yaml': user('a') });
    makePipe(join(folder, 'spaces.d/pipe.yaml'));
    await expect(checkConfig(file)).rejects.toThrow(/pipe\.yaml: .*it is a pipe/);
    await expect(checkConfig(join(folder, 'spaces.d/pipe.yaml'))).rejects.toThrow('it is a pipe');
  });

  test('takes several patterns, and a file once', async () => {
    const { file } = await included('include: [spaces.d/a.yaml, "spaces.d/[a-b].yaml", "spaces.d/?.yml"]', {
      'spaces.d/a.yaml': user('a'),
      'spaces.d/b.yml': user('b'),
    });
    expect((await checkConfig(file)).config.spaces.map(({ user: name }) => name)).toEqual(['a', 'b']);
  });

  test('takes paths in a file from the folder of that file', async () => {
    const { file, folder } = await included('include: spaces.d/*.yaml', {
      'spaces.d/a.yaml': 'spaces: [{ user: a, watch: dav, auth: { type: basic, username: a, passwordFile: a.pw } }]',
      'spaces.d/a.pw': 'secret',
    });
    const [space] = (await checkConfig(file)).config.spaces;
    expect(space).toMatchObject({ watchDirectory: join(folder, 'spaces.d/dav'), auth: { password: 'secret' } });
  });

  test('may find nothing in a folder', async () => {
    const { file } = await included('include: spaces.d/*.yaml', {});
    expect((await checkConfig(file)).config.spaces).toEqual([]);
  });

  test('warns of secrets that everybody can read in an included file', async () => {
    const { file, folder } = await included('include: spaces.d/*.yaml', {});
    const secret = 'spaces: [{ user: a, auth: { type: basic, username: a, password: p } }]';
    await writeFile(join(folder, 'spaces.d/a.yaml'), secret, { mode: 0o644 });
    expect((await checkConfig(file)).warnings.join()).toContain('spaces.d/a.yaml: every user of this machine');
  });

  const INCLUDE = 'include: spaces.d/*.yaml\n';
  test.each<[what: string, main: string, files: Record<string, string>, problems: readonly string[]]>([
    [
      'a user who is named in two files',
      INCLUDE,
      { 'spaces.d/a.yaml': `\n${user('jm')}`, 'spaces.d/b.yaml': user('jm') },
      ['spaces.d/b.yaml:1:18: spaces[0].user: "jm" must be named once; spaces.d/a.yaml:2 also names it'],
    ],
    [
      'a user who is named in the file itself',
      `${INCLUDE}${user('jm')}`,
      { 'spaces.d/a.yaml': user('jm') },
      ['spaces.d/a.yaml:1:18: spaces[0].user: "jm" must be named once; ovadex.yaml:4 also names it'],
    ],
    [
      'mistakes in several files, all of them',
      `${INCLUDE}log: { level: loud }\n`,
      {
        'spaces.d/a.yaml': 'spaces: [{ usr: a }]',
        'spaces.d/b.yaml': 'spaces:\n  - user: [',
        'spaces.d/c.yaml': 'user: jm',
      },
      [
        'ovadex.yaml:4:15: log.level:',
        'a.yaml:1:10: spaces[0]: must have one of user, credentials and discover',
        'a.yaml:1:12: spaces[0].usr: unknown key; did you mean user?',
        'spaces.d/b.yaml:2:',
        'c.yaml:1:1: user: unknown key here; did you mean spaces[].user?',
      ],
    ],
    [
      'other keys than spaces',
      INCLUDE,
      { 'spaces.d/a.yaml': 'storage: {}' },
      ['spaces.d/a.yaml:1:1: storage: unknown key; allowed here: spaces'],
    ],
    [
      'variables and bytes that are no UTF-8',
      INCLUDE,
      { 'spaces.d/a.yaml': 'spaces: [{ user: a, watch: "~/x" }]' },
      ['spaces.d/a.yaml:1:28: spaces[0].watch: must be written out: ~'],
    ],
    [
      'a folder that is not there',
      'include: space.d/*.yaml',
      {},
      ['ovadex.yaml:3:10: include: space.d/*.yaml: there is no such folder: space.d'],
    ],
    [
      'a file that is not there',
      'include: spaces.d/a.yaml',
      {},
      ['3:10: include: spaces.d/a.yaml: there is no such file: spaces.d/a.yaml'],
    ],
    ['itself', 'include: "*.yaml"', {}, ['include: *.yaml: the configuration would include itself']],
    ['folders by a pattern', 'include: "*.d/*.yaml"', {}, ['include[0]: must be the path of YAML files']],
    ['a folder', 'include: spaces.d', {}, ['include[0]: must be the path of YAML files']],
    ['a number', 'include: 7', {}, ['include: must be the path of YAML files']],
  ])('is refused with the place: %s', async (_what, main, files, problems) => {
    const found = await problemsOf(main, files);
    for (const [at, problem] of problems.entries()) expect(found[at]).toContain(problem);
    expect(found.length).toBeGreaterThanOrEqual(problems.length);
  });

  test('is refused where a file can not be read, with its name', async () => {
    const { file, folder } = await included(INCLUDE, {});
    await symlink('nowhere', join(folder, 'spaces.d/a.yaml'));
    await expect(checkConfig(file)).rejects.toThrow(/:3:10: include: spaces\.d\/\*\.yaml: .*spaces\.d\/a\.yaml/);
  });

  test('is followed: files that change, come and go', async () => {
    const { file, folder } = await included(INCLUDE, { 'spaces.d/a.yaml': user('a') });
    const { files } = await checkConfig(file);
    const users: string[] = [];
    const refused: string[] = [];
    const watched = watchConfig(
      file,
      {
        onConfig: ({ spaces }) => void users.push(spaces.map(({ user: name }) => name).join()),
        onRefused: (reason) => void refused.push(reason),
      },
      { check: checkConfig, named: files, lookEveryMs: 50 },
    );
    try {
      const write = async (name: string, text: string) => {
        await writeFile(join(folder, 'new'), text);
        await rename(join(folder, 'new'), join(folder, 'spaces.d', name));
      };
      await write('b.yaml', user('b'));
      await vi.waitUntil(() => users.at(-1) === 'a,b', { timeout: 10_000 });
      await write('b.yaml', user('c'));
      await vi.waitUntil(() => users.at(-1) === 'a,c', { timeout: 10_000 });
      await write('b.yaml', 'spaces: x');
      await vi.waitUntil(() => refused.length > 0, { timeout: 10_000 });
      await rm(join(folder, 'spaces.d/b.yaml'));
      await vi.waitUntil(() => users.at(-1) === 'a', { timeout: 10_000 });
    } finally {
      await watched.end();
    }
  }, 60_000);
});
