import { mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verify } from '../../../src/cli/commands/verify.js';
import { localPlace } from '../../../src/cli/files/local-place.js';
import type { Pace } from '../../../src/cli/files/pace.js';
import { webPackage } from '../../support/ovf/package.js';
import { tarBytes } from '../../support/ovf/tar.js';
import { captureIo } from '../captured-io.js';

const { ovf, disk, manifest } = webPackage({ diskBytes: 2_500_000 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovadex-local-'));
  for (const { name, data } of [ovf, disk, manifest]) writeFileSync(join(folder, name), data);
  writeFileSync(join(folder, 'web.ova'), tarBytes([ovf, manifest, disk]));
  // A date in whole seconds can be given to another file as it is.
  for (const name of ['disk.vmdk', 'web.ova']) utimesSync(join(folder, name), 1_767_225_600, 1_767_225_600);
});
afterEach(() => rmSync(folder, { recursive: true }));

function replace(path: string) {
  const { size, atime, mtime } = statSync(path);
  writeFileSync(`${path}.new`, Buffer.alloc(size));
  utimesSync(`${path}.new`, atime, mtime);
  renameSync(`${path}.new`, path);
}

test.each<[string, RegExp, (path: string) => void]>([
  ['was replaced by one of its size and date', /another file took its place/, replace],
  [
    'was appended to',
    /it has \d+ bytes by now|somebody wrote to it/,
    (path) => writeFileSync(path, 'x', { flag: 'a' }),
  ],
  ['was removed', /it is gone/, (path) => rmSync(path)],
])('verify tells that a file of this machine %s while it was read', async (_how, why, change) => {
  for (const [image, file] of [
    ['web.ovf', 'disk.vmdk'],
    ['web.ova', 'web.ova'],
  ] as const) {
    const pace: Pace = (source) => ({
      ...source,
      async read(from, end) {
        const answer = await source.read(from, end);
        if (end >= disk.data.length) change(join(folder, file));
        return answer;
      },
    });
    const io = captureIo();
    const code = await verify([join(folder, image)], {}, io, { open: async () => localPlace(), pace });
    expect([code, io.out()]).toEqual([75, '']);
    expect(io.err()).toMatch(why);
  }
});
