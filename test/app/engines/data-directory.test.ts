import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDataDirectory } from '../../../src/app/engines/data-directory.js';
import { troubleOfFolder } from '../../../src/config/fields/data-directory.js';

describe('the data directory', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ovadex-data-'));
    writeFileSync(join(folder, 'file'), '');
    symlinkSync(join(folder, 'file'), join(folder, 'link-to-file'));
    symlinkSync(folder, join(folder, 'link-to-folder'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link-to-nowhere'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ['.', null],
    ['new', null],
    ['new/below/it', null],
    ['link-to-folder', null],
    ['link-to-folder/new', null],
    ['file', /file is a file$/],
    ['file/new/below', /file is a file, so nothing can be below it$/],
    ['link-to-file', /link-to-file is a file$/],
    ['link-to-file/new', /link-to-file is a file, so/],
  ])('%s', (name, trouble) => {
    const directory = join(folder, name);
    if (trouble === null) {
      expect(troubleOfFolder(directory)).toBeNull();
      makeDataDirectory(directory);
      expect(statSync(directory).isDirectory()).toBe(true);
      if (name.includes('new')) expect(statSync(directory).mode & 0o777).toBe(0o750);
    } else {
      expect(troubleOfFolder(directory)).toMatch(trouble);
      expect(() => makeDataDirectory(directory)).toThrow(trouble);
    }
  });

  it.each(['/proc/x', '/proc/x/y', '/proc/self/fd/x', '/dev/null/x', '/sys/x'])(
    'can not be made as %s, which is told at once',
    (directory) => {
      expect(() => makeDataDirectory(directory)).toThrow(expect.objectContaining({ code: 'index' }));
    },
  );

  it('can not be made behind a link that leads nowhere', () => {
    expect(() => makeDataDirectory(join(folder, 'link-to-nowhere'))).toThrow(
      /link-to-nowhere can't be created: EEXIST/,
    );
  });
});
