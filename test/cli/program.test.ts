import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { USUAL_CONFIG } from '../../src/cli/options/config-option.js';
import { run } from '../../src/cli/program.js';
import { EXIT, exitCodeOf } from '../../src/cli/terminal/exit-code.js';
import { OvadexError } from '../../src/domain/model/errors.js';
import { configFolder } from '../config/config-folder.js';
import { captureIo } from './captured-io.js';

async function runWords(...words: readonly string[]) {
  return await runIn({}, ...words);
}

async function runIn(env: Readonly<Record<string, string>>, ...words: readonly string[]) {
  const io = { ...captureIo(), env };
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

  test.each([
    [['sink']],
    [['images', '--config', 'x']],
    [['serve', '--config']],
    [['serve', '--config', 'x', 'y']],
    [['sync', '--config', 'x', '--fully']],
    [['token', 'revoke', '--config', 'x']],
    [['requests', '--config', 'x', '--status', 'lost']],
    [['db', 'backup', 'x', '--config', 'x', '--keep', '0']],
    [['sync', '--config', 'nowhere.yaml']],
  ])('speaks in its own name when it refuses: %j', async (words) => {
    expect((await runWords(...words)).err).toMatch(/^ovadex: (?!error)/);
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

describe('where no --config is given', () => {
  test('the file that OVADEX_CONFIG names is taken', async () => {
    const folder = await configFolder({ 'a.yaml': 'data: { directory: x }', 'b.yaml': 'data: { directori: x }' });
    const env = { OVADEX_CONFIG: join(folder, 'a.yaml') };
    expect((await runIn(env, 'config', 'check')).out).toContain(`${folder}/a.yaml is valid`);
    expect((await runIn(env, 'config', 'check', '--config', join(folder, 'b.yaml'))).code).toBe(78);
  });

  // On the machine of whoever runs this there may be one.
  test.skipIf(existsSync(USUAL_CONFIG))('nor any at the usual place, every way to name one is told', async () => {
    for (const words of [['serve'], ['spaces'], ['accept', '--user', 'jm'], ['token', 'list'], ['db', 'check']]) {
      for (const env of [{}, { OVADEX_CONFIG: '' }] as const) {
        const { code, out, err } = await runIn(env, ...words);
        expect({ code, out }).toEqual({ code: 78, out: '' });
        expect(err).toBe(
          'ovadex: there is no /etc/ovadex/ovadex.yaml; name the configuration with --config FILE or in the variable OVADEX_CONFIG, or make one with "ovadex init"\n',
        );
      }
    }
  });

  test('and OVADEX_CONFIG names a file that is not there, it is told by its name', async () => {
    const { code, err } = await runIn({ OVADEX_CONFIG: '/nowhere/x.yaml' }, 'spaces');
    expect(code).toBe(78);
    expect(err).toContain(
      '$OVADEX_CONFIG names /nowhere/x.yaml, which is not there; name the configuration with --config',
    );
  });

  test('the help of each command says what is taken', async () => {
    const told = 'configuration file (YAML); else $OVADEX_CONFIG, else /etc/ovadex/ovadex.yaml';
    const { out } = await runWords('spaces', '--help');
    expect(out.replace(/\s+/g, ' ')).toContain(`--config <file> ${told} --`);
  });
});

test.each([
  [new OvadexError('usage', ''), 2],
  [new OvadexError('config', ''), 78],
  [new OvadexError('not-found', ''), 66],
  [new OvadexError('conflict', ''), 73],
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
