import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT, exitCodeOf } from '../../src/cli/exit-code.js';
import { run } from '../../src/cli/program.js';
import { OvadexError } from '../../src/domain/errors.js';
import { configFolder } from '../config/config-folder.js';
import { captureIo } from './captured-io.js';

async function runWords(...words: readonly string[]) {
  const io = captureIo();
  const code = await run(words, io);
  return { code, out: io.out(), err: io.err() };
}

describe('the command line', () => {
  test('shows help and version', async () => {
    const help = await runWords('--help');
    expect(help.code).toBe(0);
    for (const command of ['serve', 'sync', 'images', 'token', 'config', 'demo']) expect(help.out).toContain(command);
    const version = await runWords('--version');
    expect(version).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
  });

  test('names what each command takes', async () => {
    expect((await runWords('sync', '--help')).out).toMatch(
      /--config <file>[\s\S]*--user <user>[\s\S]*--all[\s\S]*--full[\s\S]*--json/,
    );
    expect((await runWords('token', 'create', '--help')).out).toMatch(/--scope <scope>.*\n?.*admin[\s\S]*--expires/);
  });

  test.each([
    [[]],
    [['token']],
    [['sink']],
    [['serve']],
    [['images', '--config', 'x']],
    [['serve', '--config']],
    [['serve', '--config', 'x', 'y']],
    [['sync', '--config', 'x', '--fully']],
    [['token', 'revoke', '--config', 'x']],
  ])('answers 2 to words it does not know: %j', async (words) => {
    const { code, out, err } = await runWords(...words);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).not.toBe('');
  });

  test('suggests the word that was meant', async () => {
    expect((await runWords('snyc', '--config', 'x')).err).toContain('sync');
  });

  test('checks a configuration', async () => {
    const folder = await configFolder({ 'good.yaml': 'data: { directory: x }', 'bad.yaml': 'data: { directori: x }' });
    const good = await runWords('config', 'check', '--config', join(folder, 'good.yaml'));
    expect(good).toMatchObject({ code: 0, err: expect.stringContaining('warning: ') as string });
    const bad = await runWords('config', 'check', '--config', join(folder, 'bad.yaml'));
    expect(bad).toMatchObject({ code: 78, out: '' });
    expect(bad.err).toMatch(
      /^ovadex: the configuration has 2 problems:\n.*bad\.yaml:1:1: .*\n.*bad\.yaml:1:9: .*did you mean directory/,
    );
  });
});

test.each([
  [new OvadexError('usage', ''), 2],
  [new OvadexError('config', ''), 78],
  [new OvadexError('not-found', ''), 66],
  [new OvadexError('conflict', ''), 75],
  [new OvadexError('storage', ''), 69],
  [new OvadexError('index', ''), 74],
  [new OvadexError('unauthenticated', ''), 77],
  [new OvadexError('forbidden', ''), 77],
  [new OvadexError('internal', ''), 70],
  [new TypeError('surprise'), EXIT.internal],
  ['thrown text', EXIT.internal],
])('%s ends a command with %i', (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});
