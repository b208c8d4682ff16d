import { describe, expect, it } from 'vitest';
import { compileExclusions } from '../../src/config/exclude.js';

describe('compileExclusions', () => {
  it.each([
    [['*.tmp.ova'], 'images/x.tmp.ova', true],
    [['*.tmp.ova'], 'images/x.ova', false],
    [['.trash'], '.trash/deep/x.ova', true],
    [['.trash'], 'a/.trash/x.ova', true],
    [['backup/*/old'], 'backup/2024/old/x.ova', true],
    [['backup/*/old'], 'a/backup/2024/old/x.ova', false],
    [['/backup/'], 'backup/x.ova', true],
    [['/backup/'], 'a/backup/x.ova', false],
    [['**/scratch'], 'a/b/scratch/x.ova', true],
    [['X.ova'], 'x.ova', false],
    [['!x.ova'], 'y.ova', false],
    [[], 'x.ova', false],
  ])('%j on %s is %s', (globs, path, expected) => {
    expect(compileExclusions(globs)(path)).toBe(expected);
  });
});
