import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createUserFolders } from '../../../src/config/users/user-folders.js';
import type { UserFolder } from '../../../src/domain/model/space.js';
import { makePipe } from '../../support/make-pipe.js';
import { configFolder } from '../config-folder.js';

async function scene(
  files: Readonly<Record<string, string>>,
  named: readonly string[] = [],
  patienceMs = 0,
  more: Partial<UserFolder> = {},
) {
  const folder = await configFolder(files);
  const passwordFile = join(folder, '{user}');
  const settings: UserFolder = {
    folder,
    url: 'https://h/{user}/',
    auth: { type: 'basic', username: '{user}', passwordFile },
    ...more,
  };
  const told: string[] = [];
  const time = { now: 0 };
  const users = createUserFolders({
    folders: [settings],
    named: new Set(named),
    tell: (line) => told.push(line.replace(`${folder}: `, '')),
    patienceMs,
    steadyClock: () => time.now,
  });
  const write = (name: string, content: string, mode = 0o600) => {
    writeFileSync(join(folder, `.${name}`), content, { mode });
    chmodSync(join(folder, `.${name}`), mode);
    renameSync(join(folder, `.${name}`), join(folder, name));
  };
  const secrets = () =>
    users.spaces().map(({ user, auth }) => [user, auth.type === 'basic' ? `${auth.username}:${auth.password}` : '']);
  return { folder, users, told, write, secrets, time };
}

describe('a folder of credentials', () => {
  it('has a space for each file, with the name of the file and its content', async () => {
    const { users, told } = await scene({ jm: 'one\n', 'käthe b': 'two' });
    expect(await users.read()).toBe(true);
    expect(users.spaces()).toEqual([
      { user: 'jm', url: 'https://h/jm/', auth: basic('jm', 'one'), watchDirectory: null },
      { user: 'käthe b', url: 'https://h/k%C3%A4the%20b/', auth: basic('käthe b', 'two'), watchDirectory: null },
    ]);
    expect(told).toEqual([]);
  });

  it('gives its spaces what it says of them all', async () => {
    const { users } = await scene({ jm: 'one\n' }, [], 0, { describe: false });
    await users.read();
    expect(users.spaces()).toMatchObject([{ user: 'jm', describe: false }]);
  });

  it('tells only of changes, and leaves the other spaces the very same', async () => {
    const { folder, users, write, secrets } = await scene({ jm: 'one', lab: 'two' });
    await users.read();
    const [jm, lab] = users.spaces();
    expect(await users.read()).toBe(false);

    write('kim', 'three');
    write('lab', 'other');
    expect(await users.read()).toBe(true);
    expect(secrets()).toEqual([
      ['jm', 'jm:one'],
      ['kim', 'kim:three'],
      ['lab', 'lab:other'],
    ]);
    expect(users.spaces()[0]).toBe(jm);
    expect(users.spaces()[2]).not.toBe(lab);

    rmSync(join(folder, 'jm'));
    expect(await users.read()).toBe(true);
    expect(secrets().map(([user]) => user)).toEqual(['kim', 'lab']);
  });

  it('has the same list while nothing changes, however many files there are', async () => {
    const { users } = await scene(
      Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`user${i}`, 'x'.repeat(i + 1)])),
    );
    await users.read();
    const before = users.spaces();
    for (let looks = 0; looks < 5; looks++) expect(await users.read()).toBe(false);
    expect(users.spaces()).toBe(before);
  });

  it('says once what is no user or needs attention, and again when it is back', async () => {
    const { folder, users, told, write } = await scene({
      jm: 'one',
      '.jm.swp': 'x',
      'jm~': 'x',
      lines: 'a\nb\n',
      no: '',
    });
    mkdirSync(join(folder, 'sub'));
    write('open', 'secret', 0o604);
    write('group', 'secret', 0o640);
    await users.read();
    await users.read();
    expect(told.sort((a, b) => (a < b ? -1 : 1))).toEqual([
      '1 entry not taken for users: each must be a regular file that ovadex may read, with the secret as its only line: "lines"',
      '1 entry not taken for users: each user is a file with the secret as its only line; move these elsewhere: "sub"',
      '1 entry not taken for users: empty; write the app password into each, or remove it: "no"',
      '1 entry not taken for users: these look like backups or unfinished copies; remove them, or name them otherwise: "jm~"',
      '2 entries used, but other accounts of this machine can read these secrets; run chmod 600 on them: "group", "open"',
    ]);
    expect(users.spaces().map(({ user }) => user)).toEqual(['group', 'jm', 'open']);

    told.length = 0;
    chmodSync(join(folder, 'open'), 0o600);
    await users.read();
    expect(told).toEqual([]);
    chmodSync(join(folder, 'open'), 0o604);
    await users.read();
    expect(told).toEqual([expect.stringContaining('1 entry used, but other accounts')]);
    expect(told.join()).not.toContain('secret"');
  });

  it('waits for a program to fill a file before it complains', async () => {
    const { users, told, write, time, secrets } = await scene({ jm: '', lab: '' }, [], 4_000);
    await users.read();
    expect([told, users.isWaiting()]).toEqual([[], true]);
    time.now = 3_999;
    write('jm', 'now');
    await users.read();
    expect([told, secrets()]).toEqual([[], [['jm', 'jm:now']]]);
    time.now = 4_000;
    await users.read();
    expect([told.length, users.isWaiting()]).toEqual([1, false]);
  });

  it('keeps a user whose file is written anew in its place, and says so if it stays empty', async () => {
    const { folder, users, told, time, secrets } = await scene({ jm: 'one', lab: 'two' }, [], 4_000);
    await users.read();
    writeFileSync(join(folder, 'jm'), '');
    expect([await users.read(), users.isWaiting(), secrets()[0]]).toEqual([false, true, ['jm', 'jm:one']]);
    writeFileSync(join(folder, 'jm'), 'new');
    expect([await users.read(), users.isWaiting(), secrets()[0]]).toEqual([true, false, ['jm', 'jm:new']]);
    writeFileSync(join(folder, 'jm'), '');
    await users.read();
    expect(told).toEqual([]);
    time.now = 4_000;
    expect([await users.read(), users.isWaiting(), secrets()[0]]).toEqual([false, false, ['jm', 'jm:new']]);
    expect(told).toEqual([expect.stringMatching(/^1 entry used with the secret of before.*"jm"$/)]);
    rmSync(join(folder, 'jm'));
    expect([await users.read(), secrets()]).toEqual([true, [['lab', 'lab:two']]]);
  });

  it.each<[string, (file: string) => void]>([
    ['holds two lines', (file) => writeFileSync(file, 'one\nnew\n')],
    ['holds half a character', (file) => writeFileSync(file, Uint8Array.of(0x6f, 0xc3))],
    ['is a pipe', (file) => [rmSync(file), makePipe(file)]],
    ['leads in a circle', (file) => [rmSync(file), symlinkSync(file, file)]],
  ])('keeps a user whose file %s until it can be read or is gone, and says so once', async (_, spoil) => {
    const { folder, users, told, write, secrets } = await scene({ jm: 'one', lab: 'two' });
    await users.read();
    spoil(join(folder, 'jm'));
    for (let looks = 0; looks < 3; looks++) expect(await users.read()).toBe(false);
    expect(secrets()[0]).toEqual(['jm', 'jm:one']);
    expect(told).toEqual([expect.stringMatching(/^1 entry used with the secret of before.*"jm"$/)]);
    write('jm', 'new');
    expect([await users.read(), secrets()[0]]).toEqual([true, ['jm', 'jm:new']]);
    spoil(join(folder, 'jm'));
    rmSync(join(folder, 'jm'));
    expect([await users.read(), secrets()]).toEqual([true, [['lab', 'lab:two']]]);
    expect(told).toHaveLength(1);
  });

  it('removes a user in whose place a folder is', async () => {
    const { folder, users, secrets } = await scene({ jm: 'one', lab: 'two' });
    await users.read();
    rmSync(join(folder, 'jm'));
    mkdirSync(join(folder, 'jm'));
    expect([await users.read(), secrets()]).toEqual([true, [['lab', 'lab:two']]]);
  });

  it('leaves users to the configuration that it names', async () => {
    const { users, told, secrets } = await scene({ jm: 'one', lab: 'two' }, ['lab']);
    await users.read();
    expect(secrets()).toEqual([['jm', 'jm:one']]);
    expect(told).toEqual([expect.stringMatching(/^1 entry not used: the configuration names these users.*"lab"$/)]);
  });

  it('keeps its users if it can’t be read or all files are gone at once, and says so once', async () => {
    const { folder, users, told, write } = await scene({ jm: 'one', lab: 'two' });
    await users.read();
    renameSync(folder, `${folder}.away`);
    await users.read();
    expect(await users.read()).toBe(false);
    mkdirSync(folder);
    await users.read();
    expect(await users.read()).toBe(false);
    expect(users.spaces()).toHaveLength(2);
    expect(told).toEqual([
      expect.stringContaining('there is no such folder'),
      expect.stringContaining('all files are gone at once'),
    ]);
    rmSync(`${folder}.away`, { recursive: true });
    write('kim', 'x');
    expect(await users.read()).toBe(true);
    expect(users.spaces().map(({ user }) => user)).toEqual(['kim']);
  });
});

function basic(username: string, password: string) {
  return { type: 'basic', username, password };
}
