import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileExclusions, USUAL_EXCLUSIONS } from '../../../src/domain/model/exclusions.js';

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
    [['archive/**'], 'archive', true],
    [['archive/**'], 'archive/2024/x.ova', true],
    [['archive/**/*.ova'], 'archive/x.ova', true],
    [['X.ova'], 'x.ova', false],
    [['!x.ova'], 'y.ova', false],
    [['/'], 'x.ova', false],
    [['*'], '', false],
    [['.a*', '.b?'], '.bx', true],
    [['.a*', 'b?'], 'bx/.a.ova', true],
    [['{.a,b}*'], 'bx', true],
    [['[.b]*'], 'bx', true],
    [['\u{1f4be}*'], '\u{1f4be}x.ova', true],
    [['\u{1f4be}*'], '\u{1f4bf}x.ova', false],
    [[], 'x.ova', false],
  ])('%j on %s is %s', (globs, path, expected) => {
    expect(compileExclusions(globs)(path)).toBe(expected);
  });

  it('answers the same whatever was asked before', () => {
    const globs = ['.trash', 'a/*.ova', '~$*'];
    const names = ['', 'x.ova', '.trash', 'trash', 'a', '~$x.ova'];
    const paths = [...names, ...names.slice(1).flatMap((parent) => names.slice(1).map((name) => `${parent}/${name}`))];
    const isExcluded = compileExclusions(globs);
    for (const before of paths) {
      for (const path of paths) {
        isExcluded(before);
        expect(isExcluded(path), `${path} after ${before}`).toBe(compileExclusions(globs)(path));
      }
    }
  });
});

describe('what is usually left out', () => {
  it('is what config/README.md says', () => {
    const document = readFileSync(new URL('../../../config/README.md', import.meta.url), 'utf8');
    const [, block = ''] = /By default these\s+are left out:\n\n```\n([^`]+)```/.exec(document) ?? [];
    const words = block.match(/"[^"]+"|[^\s"]+/g) ?? [];
    expect(words.map((word) => word.replaceAll('"', ''))).toEqual(USUAL_EXCLUSIONS);
  });

  const isExcluded = compileExclusions(USUAL_EXCLUSIONS);

  it.each([
    '#recycle/x.ova',
    'images/@Recycle/x.ova',
    'images/@eaDir/x.ova/SYNO.ova',
    '@Recently-Snapshot/GMT+01_2026-03-02_0100/x.ova',
    '.stversions/x~20260302.ova',
    '.stfolder',
    '$RECYCLE.BIN/S-1-5-21/$RX.ova',
    'System Volume Information/x.ova',
    '.snapshot/daily/x.ova',
    '.snapshots/1/x.ova',
    '.zfs/snapshot/x.ova',
    'lost+found/#12.ova',
    '.~tmp~/x.ova',
    '.Trash-1000/files/x.ova',
    '.Trashes/501/x.ova',
    '.trash/x.ova',
    '.@__thumb/x.ova',
    '.AppleDouble/x.ova',
    '.sync/Archive/x.ova',
    'images/~$x.ova',
    'images/.#x.ovf',
    'images/.smbdelete0001.ova',
  ])('%s is', (path) => expect(isExcluded(path)).toBe(true));

  it.each([
    'recycle/x.ova',
    'images/lost+found.ova',
    '.hidden/x.ova',
    'sync/x.ova',
    'snapshots/x.ova',
    '~/x.ova',
    '#1.ova',
    'a$b.ova',
    'trash/x.ova',
    '@home/x.ova',
  ])('%s is not', (path) => expect(isExcluded(path)).toBe(false));
});
