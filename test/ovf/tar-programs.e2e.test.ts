import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readImage } from '../../src/ovf/read-image.js';
import { openLocalFile } from '../../src/platform/file-source.js';
import { sampleOvf } from '../support/ovf/sample.js';
import { describeInstalled, findProgram } from '../support/process/installed.js';

/** Longer than the 100 bytes of a header's name. */
const LONG = `${'d'.repeat(120)}-disk.vmdk`;
const GIB = 2 ** 30;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovadex-tars-'));
  const files = [LONG, 'sparse.vmdk'].map((href) => ({ href }));
  writeFileSync(join(folder, 'web.ovf'), sampleOvf({ files }));
  writeFileSync(join(folder, LONG), Buffer.alloc(5000, 'x'));
  writeFileSync(join(folder, 'sparse.vmdk'), 'begins');
  truncateSync(join(folder, 'sparse.vmdk'), 2_000_000);
  symlinkSync('web.ovf', join(folder, 'latest.ovf'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function read(archive: string) {
  const { sizeBytes, source } = await openLocalFile(join(folder, archive));
  const attempt = await readImage(archive, sizeBytes, source);
  return attempt.kind === 'read' ? attempt.reading : attempt;
}

const whole = { kind: 'described', descriptor: { name: 'Web' }, reasons: [] };

describe('an archive by GNU tar', () => {
  const tar = (archive: string, ...words: readonly string[]) =>
    execFileSync('tar', ['-C', folder, ...words.slice(0, 1), '-cf', join(folder, archive), ...words.slice(1)]);

  it.each(['gnu', 'oldgnu', 'pax', 'ustar'])('in the format %s is read', async (format) => {
    const long = format === 'ustar' ? [] : [LONG];
    tar('a.ova', `--format=${format}`, 'latest.ovf', 'web.ovf', ...long, 'sparse.vmdk');
    expect(await read('a.ova')).toMatchObject(
      format === 'ustar' ? { ...whole, reasons: [`missing-member: ${LONG}`] } : whole,
    );
    tar('b.ova', `--format=${format}`, ...long, 'sparse.vmdk', './web.ovf');
    expect(await read('b.ova')).toMatchObject({ kind: 'described', descriptor: { name: 'Web' } });
  });

  it.each([
    ['gnu', '0.0'],
    ['pax', '0.0'],
    ['pax', '0.1'],
    ['pax', '1.0'],
  ])('in the format %s with sparse files of %s is read, and that is noted', async (format, version) => {
    const sparse = ['--sparse', `--sparse-version=${version}`];
    tar('s.ova', `--format=${format}`, ...sparse, 'sparse.vmdk', LONG, 'web.ovf');
    expect(readFileSync(join(folder, 's.ova')).length).toBeLessThan(100_000);
    expect(await read('s.ova')).toMatchObject({
      ...whole,
      notes: ['sparse.vmdk is stored as a sparse file, which few deployers can read'],
    });
  });
});

describeInstalled('an archive by Python', [findProgram('python3') === null ? 'python3' : null], () => {
  it.each(['USTAR', 'GNU', 'PAX'])('in the format %s is read, its large members by jumps', async (format) => {
    const isLarge = format !== 'USTAR';
    const script = `
import tarfile, io
archive = open('p.ova', 'wb')
def add(name, size, data=None):
    info = tarfile.TarInfo(name)
    info.size = size
    archive.write(info.tobuf(tarfile.${format}_FORMAT))
    if data is not None:
        archive.write(data)
        archive.write(b'\\0' * (-size % 512))
    else:
        archive.seek(size + (-size % 512), 1)
data = open('web.ovf', 'rb').read()
add('${isLarge ? LONG : 'disk.vmdk'}', ${isLarge ? 9 * GIB : 7 * GIB})
add('web.ovf', len(data), data)
add('sparse.vmdk', ${3 * GIB})
archive.truncate(archive.tell() + 1024)
`;
    execFileSync('python3', ['-c', script], { cwd: folder });
    const reading = await read('p.ova');
    expect(reading).toMatchObject(isLarge ? whole : { ...whole, reasons: [`missing-member: ${LONG}`] });
    rmSync(join(folder, 'p.ova'));
  });
});

describeInstalled(
  'an archive by bsdtar',
  [findProgram('bsdtar') === null ? 'bsdtar (Debian: libarchive-tools)' : null],
  () => {
    it.each(['ustar', 'pax', 'gnutar'])('in the format %s is read', async (format) => {
      const words = ['-C', folder, `--format=${format}`, '-cf', join(folder, 'l.ova'), 'web.ovf', 'sparse.vmdk'];
      execFileSync('bsdtar', words);
      expect(await read('l.ova')).toMatchObject({ ...whole, reasons: [`missing-member: ${LONG}`] });
    });
  },
);
