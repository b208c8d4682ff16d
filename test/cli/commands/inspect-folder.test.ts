import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { inspect } from '../../../src/cli/commands/inspect.js';
import { localPlace, readFolder } from '../../../src/cli/files/local-place.js';
import { sampleOvf } from '../../support/ovf/sample.js';
import { captureIo } from '../captured-io.js';

test('ovadex inspect lists a folder once for all the descriptors in it, and each finds its own files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ovadex-inspect-'));
  try {
    const files = ['a', 'b', 'c'].map((name) => {
      const file = join(folder, `${name}.ovf`);
      writeFileSync(file, sampleOvf({ files: [{ href: `${name}.vmdk`, size: 4 }] }));
      if (name !== 'b') writeFileSync(join(folder, `${name}.vmdk`), 'disk');
      return file;
    });
    const io = captureIo();
    const read = vi.fn(readFolder);
    expect(await inspect(files, { json: true }, io, async () => localPlace(read))).toBe(0);
    const states = io
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).state);
    expect(states).toEqual(['ok', 'incomplete', 'ok']);
    expect(read).toHaveBeenCalledTimes(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
