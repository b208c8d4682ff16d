import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { run } from '../../../src/cli/program.js';
import { findProgram } from '../../support/process/installed.js';
import { captureIo } from '../captured-io.js';

/** A shell takes some milliseconds. */
const WITHIN_MS = 20_000;

async function scriptFor(shell: string) {
  const io = captureIo();
  const code = await run(['completion', shell], io);
  return { code, out: io.out(), err: io.err() };
}

/** What bash offers behind these words; the last of them is being typed. */
function offered(...words: readonly string[]) {
  return offeredIn(process.env, ...words);
}

async function offeredIn(env: NodeJS.ProcessEnv, ...words: readonly string[]) {
  const { out } = await scriptFor('bash');
  // As bash takes words apart.
  const parts = words.flatMap((word) => (/^--\w+=/.test(word) ? word.split(/(=)/) : [word]));
  const quoted = ['ovadex', ...parts].map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${parts.length}; _ovadex; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', `${out}\n${ask}`], { timeout: WITHIN_MS, cwd: '/', env });
  return stdout.trim().split('\n');
}

const TAKING: readonly (readonly [readonly string[], ...string[]])[] = [
  [['images'], '--name', '--filter'],
  [['requests'], '--limit'],
  [['token', 'create'], '--expires'],
];

describe('ovadex completion', () => {
  test('offers commands, their subcommands and options', async () => {
    expect(await offered('')).toEqual(expect.arrayContaining(['serve', 'spaces', 'token', 'requests', 'forget']));
    expect(await offered('sp')).toEqual(['spaces']);
    expect(await offered('token', '')).toEqual(expect.arrayContaining(['create', 'list', 'revoke']));
    expect(await offered('token', '--')).not.toContain('--user');
    expect(await offered('token', 'create', '--u')).toEqual(['--user']);
    expect(await offered('sync', '--config', 'x', '--f')).toEqual(['--full']);
  });

  test('offers the words that an option takes, and files', async () => {
    expect(await offered('token', 'create', '--scope', '')).toEqual(['admin', 'hint']);
    expect(await offered('serve', '--config', '/etc/host')).toEqual(expect.arrayContaining(['/etc/hostname']));
  });

  test('offers no files where none is meant', async () => {
    for (const option of ['--name', '--filter', '--limit', '--expires']) {
      const [command = []] = TAKING.filter(([, ...options]) => options.includes(option)).map(([words]) => words);
      const found = await offered(...command, option, '');
      expect(found.filter((each) => each === 'etc' || each === 'usr')).toEqual([]);
    }
    expect(await offered('images', '--name', '/et')).toEqual(['']);
    expect(await offered('token', 'revoke', '/et')).toEqual(['']);
    expect(await offered('db', 'restore', '/etc/host')).toContain('/etc/hostname');
    expect(await offered('service', 'install', '--prefix', '/et')).toEqual(['/etc']);
  });

  test.each([
    [
      ['requests', '--'],
      ['--user', '--status', '--limit', '--json', '--config'],
    ],
    [
      ['requests', 'show', '--'],
      ['--config', '--json'],
    ],
    [
      ['requests', '--status', ''],
      ['PENDING', 'IN_PROGRESS', 'PROCESSED', 'ERROR', 'CANCELLED'],
    ],
    [
      ['requests', 'list', '--status', 'P'],
      ['PENDING', 'PROCESSED'],
    ],
    [['requests', '--status=E'], ['ERROR']],
    [['images', '--sort', 's'], ['size']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [
      ['token', ''],
      ['create', 'list', 'revoke'],
    ],
    // The value of an option is no command, whatever it is called.
    [['sync', '--user', 'token', '--f'], ['--full']],
  ])('ovadex %j: %j', async (words, expected) => {
    const found = await offered(...words);
    for (const each of expected) expect(found).toContain(each);
    if (!words.at(-1)?.startsWith('--'))
      expect(new Set(found.filter((each) => !each.startsWith('-')))).toEqual(new Set(expected));
  });

  test('offers the users that the program tells, for the configuration on the line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ovadex-completion-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const script = '#!/bin/sh\n[ "$*" = "complete users --config $WANTED" ] && printf "jm\\njo ann\\nkim\\n"\n';
    writeFileSync(join(folder, 'ovadex'), script, { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}`, WANTED: 'my.yaml' };
    expect(await offeredIn(env, 'sync', '--config', 'my.yaml', '--user', '')).toEqual(['jm', 'jo\\ ann', 'kim']);
    expect(await offeredIn(env, 'images', '--config', 'my.yaml', '--user=j')).toEqual(['jm', 'jo\\ ann']);
    expect(await offeredIn(env, 'images', '--config', 'other.yaml', '--user', '')).toEqual(['']);
  });

  test('the program tells the users of configuration and index, and nothing where it can read neither', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ovadex-completion-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'ovadex.yaml');
    const user = (name: string) => ({ user: name, url: `http://127.0.0.1:1/${name}/` });
    writeFileSync(file, JSON.stringify({ data: { directory: folder }, spaces: [user('kim'), user('jm')] }));
    const ask = async (...args: readonly string[]) => {
      const io = captureIo();
      const code = await run(['complete', 'users', ...args], io);
      return [code, io.out(), io.err()];
    };
    expect(await ask('--config', file)).toEqual([0, 'jm\nkim\n', '']);
    expect(await ask('--config', join(folder, 'absent.yaml'))).toEqual([0, '', '']);
    writeFileSync(file, 'data: [');
    expect(await ask('--config', file)).toEqual([0, '', '']);
  });

  test('is not among the commands that people are shown', async () => {
    const io = captureIo();
    await run(['--help'], io);
    expect(io.out()).not.toMatch(/^ {2}complete /m);
    expect(await offered('com')).toEqual(['completion']);
  });

  test('the help of requests shows what it takes without a command', async () => {
    const io = captureIo();
    expect(await run(['requests', '--help'], io)).toBe(0);
    for (const flag of ['--user', '--status', '--limit']) expect(io.out()).toContain(flag);
  });

  test.each(['bash', 'zsh', 'fish'])('is a script that %s can read', async (shell) => {
    const { code, out } = await scriptFor(shell);
    expect(code).toBe(0);
    expect(out).toContain('requests');
    const program = findProgram(shell);
    if (program === null) return; // what it is made of is looked at above
    await promisify(execFile)(program, ['-n', '-c', out], { timeout: WITHIN_MS });
  });

  const fish = findProgram('fish');
  test.skipIf(fish === null).each([
    ['ovadex requests --st', ['--status']],
    ['ovadex requests --status P', ['PENDING', 'PROCESSED']],
    ['ovadex completion ', ['bash', 'fish', 'zsh']],
    ['ovadex images --name /et', []],
    ['ovadex service install --prefix /us', ['/usr/']],
    ['ovadex serve --config /etc/hostn', ['/etc/hostname']],
  ])('fish offers behind "%s": %j', async (line, expected) => {
    const { out } = await scriptFor('fish');
    const { stdout } = await promisify(execFile)(fish ?? '', ['-c', `${out}\ncomplete -C '${line}'`], {
      timeout: WITHIN_MS,
      cwd: '/',
    });
    const found = stdout
      .split('\n')
      .map((each) => each.split('\t')[0])
      .filter((each) => each !== '');
    expect(found.sort()).toEqual(expected);
  });

  test('knows no other shell', async () => {
    const { code, err } = await scriptFor('csh');
    expect(code).toBe(2);
    expect(err).toContain('use one of bash, zsh, fish');
  });
});
