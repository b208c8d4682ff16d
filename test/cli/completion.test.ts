import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/program.js';
import { findProgram } from '../support/installed.js';
import { captureIo } from './captured-io.js';

/** A shell takes some milliseconds. */
const WITHIN_MS = 20_000;

async function scriptFor(shell: string) {
  const io = captureIo();
  const code = await run(['completion', shell], io);
  return { code, out: io.out(), err: io.err() };
}

/** What bash offers behind these words; the last of them is being typed. */
async function offered(...words: readonly string[]) {
  const { out } = await scriptFor('bash');
  const quoted = ['ovadex', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _ovadex; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', `${out}\n${ask}`], { timeout: WITHIN_MS, cwd: '/' });
  return stdout.trim().split('\n');
}

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
    expect(await offered('token', 'create', '--scope', '')).toEqual(['admin']);
    expect(await offered('serve', '--config', '/etc/host')).toEqual(expect.arrayContaining(['/etc/hostname']));
  });

  test.each(['bash', 'zsh', 'fish'])('is a script that %s can read', async (shell) => {
    const { code, out } = await scriptFor(shell);
    expect(code).toBe(0);
    expect(out).toContain('requests');
    const program = findProgram(shell);
    if (program === null) return; // what it is made of is looked at above
    await promisify(execFile)(program, ['-n', '-c', out], { timeout: WITHIN_MS });
  });

  test('knows no other shell', async () => {
    const { code, err } = await scriptFor('csh');
    expect(code).toBe(2);
    expect(err).toContain('use one of bash, zsh, fish');
  });
});
