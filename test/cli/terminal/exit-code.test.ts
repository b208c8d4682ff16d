import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXIT, exitCodeOf } from '../../../src/cli/terminal/exit-code.js';
import { type ErrorCode, OvadexError } from '../../../src/domain/model/errors.js';

describe('the exit codes', () => {
  test('are those of config/README.md, one row each', () => {
    const document = readFileSync(new URL('../../../config/README.md', import.meta.url), 'utf8');
    const [, chapter = ''] = document.split('### Exit codes\n');
    const [table = ''] = chapter.split('\n#');
    const codes = [...table.matchAll(/^\| (\d+) \| \S.* \|$/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual(Object.values(EXIT).sort((a, b) => a - b));
  });

  test('have one meaning each', () => {
    const codes = Object.values(EXIT);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test('tell a compiled part that is for another Node from a bug', () => {
    expect(exitCodeOf(Object.assign(new Error('no'), { code: 'ERR_DLOPEN_FAILED' }))).toBe(EXIT.runtime);
    expect(exitCodeOf(Object.assign(new Error('no'), { code: 'ERR_OTHER' }))).toBe(EXIT.internal);
  });

  test('say of no error that the work is done', () => {
    const done: readonly number[] = [EXIT.ok, EXIT.incomplete];
    expect(ERROR_CODES.filter((code) => done.includes(exitCodeOf(new OvadexError(code, ''))))).toEqual([]);
  });

  test('that a restart does not mend keep the service manager from one', () => {
    const unit = readFileSync(new URL('../../../config/systemd/ovadex.service', import.meta.url), 'utf8');
    const [, prevented = ''] = /^RestartPreventExitStatus=(.*)$/m.exec(unit) ?? [];
    const { usage, damaged, runtime, conflict, foreign, config } = EXIT;
    expect(prevented.split(' ').map(Number)).toEqual([usage, damaged, runtime, conflict, foreign, config]);
  });
});

const ERROR_CODES = [
  'usage',
  'config',
  'unauthenticated',
  'forbidden',
  'not-found',
  'conflict',
  'storage',
  'unavailable',
  'index',
  'damaged',
  'foreign',
  'internal',
] as const satisfies readonly ErrorCode[];
