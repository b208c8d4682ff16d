import { appendFileSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openLocalFile } from '../../src/platform/file-source.js';

describe('a local file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ovadex-source-'));
    file = join(folder, 'x.ova');
    writeFileSync(file, 'some bytes');
    utimesSync(file, 1_700_000_000, 1_700_000_000);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = async (path: string | Buffer = file) => {
    const opened = await openLocalFile(path);
    onTestFinished(() => opened.source.close());
    return opened;
  };

  it('is read from anywhere, and no further than it goes', async () => {
    const { source, sizeBytes } = await open();
    expect(sizeBytes).toBe(10);
    expect(await source.read(5, 20)).toMatchObject({ kind: 'bytes', bytes: Buffer.from('bytes'), totalBytes: 10 });
    expect(await source.read(0, 4)).toMatchObject({ bytes: Buffer.from('some') });
    expect(await source.read(10, 20)).toMatchObject({ bytes: Buffer.alloc(0) });
    expect(source.cost()).toEqual({ requests: 3, bytes: 9 });
  });

  it('may be named by bytes that are no text', async () => {
    const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xe9])]);
    writeFileSync(path, 'x');
    expect((await open(path)).sizeBytes).toBe(1);
  });

  it.each<[string, (path: string) => void]>([
    ['written over', (path) => writeFileSync(path, 'other byte')],
    ['written on', (path) => appendFileSync(path, '!')],
    ['cut off', (path) => truncateSync(path, 5)],
  ])('that is %s while it is read is told', async (_how, change) => {
    const { source } = await open();
    expect(await source.read(0, 4)).toMatchObject({ kind: 'bytes' });
    change(file);
    expect(await source.read(4, 10)).toMatchObject({ kind: 'changed' });
  });
});
