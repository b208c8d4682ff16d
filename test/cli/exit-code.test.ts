import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/cli/exit-code.js';

describe('the exit codes', () => {
  test('are those of the README, one row each', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const [, chapter = ''] = readme.split('### Exit codes\n');
    const [table = ''] = chapter.split('\n#');
    const codes = [...table.matchAll(/^\| (\d+) \| \S.* \|$/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual(Object.values(EXIT).sort((a, b) => a - b));
  });
});
