import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.js';
import { sampleOvf } from '../../support/ovf/sample.js';
import { type TarEntry, tarBytes } from '../../support/ovf/tar.js';
import { captureIo } from '../captured-io.js';

const DISK = Buffer.alloc(2_500_000, 'a disk ');
const OVF = sampleOvf({ files: [{ href: 'disk.vmdk', size: DISK.length }] });
const ovf = { name: 'web.ovf', data: OVF };
const disk = { name: 'disk.vmdk', data: DISK };
const sumOf = (data: Uint8Array | string, algorithm = 'sha256') => createHash(algorithm).update(data).digest('hex');
const MANIFEST = `SHA256(web.ovf)= ${sumOf(OVF)}\r\nSHA1(disk.vmdk)= ${sumOf(DISK, 'sha1')}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovadex-verify-'));
  const archive = (name: string, ...entries: readonly TarEntry[]) =>
    writeFileSync(join(folder, name), tarBytes(entries));
  archive('web.ova', ovf, { name: 'web.mf', data: MANIFEST }, disk);
  archive('last.ova', ovf, disk, { name: 'web.mf', data: MANIFEST }, { name: 'web.cert', data: 'x' });
  archive('spoilt.ova', ovf, { name: 'web.mf', data: MANIFEST }, { name: 'disk.vmdk', data: 'another disk' });
  archive('less.ova', ovf, { name: 'web.mf', data: `${MANIFEST}\nhello\n` }, { name: 'other.vmdk', data: 'x' });
  archive('none.ova', ovf, disk);
  writeFileSync(
    join(folder, 'cut.ova'),
    tarBytes([ovf, { name: 'web.mf', data: MANIFEST }, disk]).subarray(0, 200_000),
  );
  mkdirSync(join(folder, 'package'));
  for (const { name, data } of [ovf, disk, { name: 'web.mf', data: MANIFEST }, { name: 'notes.txt', data: 'x' }]) {
    writeFileSync(join(folder, 'package', name), data);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

async function verify(...images: readonly string[]) {
  const io = captureIo();
  const code = await run(['verify', ...images.map((image) => join(folder, image))], io);
  return { code, out: io.out().replaceAll(`${folder}/`, ''), err: io.err().replaceAll(`${folder}/`, '') };
}

describe('ovadex verify', () => {
  test('finds files that are as their manifest says, wherever it is', async () => {
    expect(await verify('web.ova', 'last.ova', 'package/web.ovf')).toEqual({
      code: 0,
      out: 'web.ova: ok, 2 files as in web.mf\nlast.ova: ok, 2 files as in web.mf\npackage/web.ovf: ok, 2 files as in web.mf\n',
      err: '',
    });
  });

  test('names those that differ, and those that are missing', async () => {
    expect(await verify('spoilt.ova')).toEqual({
      code: 65,
      out: 'spoilt.ova: damaged, 1 file as in web.mf\n  disk.vmdk: the sum differs\n',
      err: '',
    });
    expect(await verify('less.ova')).toEqual({
      code: 65,
      out: 'less.ova: damaged, 1 file as in web.mf\n  disk.vmdk: missing\n  the manifest has a line that is none of its forms: hello\n  other.vmdk: not in the manifest\n',
      err: '',
    });
  });

  test('names files beside a descriptor that it refers to and the manifest leaves out, and those it did not look at', async () => {
    const hrefs = [
      'd1.vmdk',
      'd%202.vmdk',
      'big.vmdk',
      'gone.vmdk',
      'dd/x.vmdk',
      'http://example.org/y.vmdk',
      '../z.vmdk',
    ];
    const data = sampleOvf({ files: hrefs.map((href) => ({ href, ...(href === 'big.vmdk' && { chunkSize: 1 }) })) });
    mkdirSync(join(folder, 'left/dd'), { recursive: true });
    for (const name of ['d1.vmdk', 'd 2.vmdk', 'big.vmdk.000000000', 'notes.txt', 'dd/x.vmdk', 'web.cert']) {
      writeFileSync(join(folder, 'left', name), 'x');
    }
    writeFileSync(join(folder, 'left/web.ovf'), data);
    writeFileSync(join(folder, 'left/web.mf'), `SHA256(web.ovf)= ${sumOf(data)}\n`);
    const { code, out, err } = await verify('left/web.ovf');
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n')[0]).toBe('left/web.ovf: ok, 1 file as in web.mf');
    expect(out.trimEnd().split('\n').slice(1).toSorted()).toEqual([
      '  ../z.vmdk: leads out of the folder, and was not looked at',
      '  big.vmdk.000000000: not in the manifest',
      '  d 2.vmdk: not in the manifest',
      '  d1.vmdk: not in the manifest',
      '  dd/x.vmdk: is in a folder, which was not looked into',
      '  http://example.org/y.vmdk: leads out of the folder, and was not looked at',
    ]);
    const io = captureIo();
    expect(await run(['verify', '--json', join(folder, 'left/web.ovf')], io)).toBe(0);
    const results = io
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).result);
    expect(results.toSorted()).toEqual([
      ...['ok', 'unlooked', 'unlooked', 'unlooked', 'unmentioned', 'unmentioned', 'unmentioned'],
    ]);
    // Nothing is known of a descriptor either that the manifest leaves out.
    writeFileSync(join(folder, 'left/web.mf'), `SHA256(d1.vmdk)= ${sumOf('x')}\n`);
    expect((await verify('left/web.ovf')).out).toContain('  web.ovf: not in the manifest\n');
  });

  test('compares nothing with the manifest of another image in the folder', async () => {
    mkdirSync(join(folder, 'two'));
    for (const { name, data } of [ovf, disk, { name: 'web.mf', data: MANIFEST }, { ...ovf, name: 'other.ovf' }]) {
      writeFileSync(join(folder, 'two', name), data);
    }
    expect(await verify('two/web.ovf', 'two/other.ovf')).toEqual({
      code: 66,
      out: 'two/web.ovf: ok, 2 files as in web.mf\n',
      err: 'ovadex: two/other.ovf: it has no manifest (.mf) to compare with\n',
    });
    // One that is called as nobody is may be anybody's.
    renameSync(join(folder, 'two/web.mf'), join(folder, 'two/all.mf'));
    expect((await verify('two/other.ovf')).out).toContain('two/other.ovf: ok, 2 files as in all.mf\n');
  });

  test('knows a file that is called as its reference is written', async () => {
    mkdirSync(join(folder, 'coded'));
    const data = sampleOvf({ files: [{ href: 'a%2fb.vmdk' }, { href: 'c%2fd.vmdk' }] });
    const sums = `SHA256(web.ovf)= ${sumOf(data)}\nSHA256(a%2fb.vmdk)= ${sumOf('x')}\n`;
    const files = { 'web.ovf': data, 'web.mf': sums, 'a%2fb.vmdk': 'x', 'c%2fd.vmdk': 'x' };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'coded', name), text);
    expect(await verify('coded/web.ovf')).toEqual({
      code: 0,
      out: 'coded/web.ovf: ok, 2 files as in web.mf\n  c%2fd.vmdk: not in the manifest\n',
      err: '',
    });
  });

  test('takes no file for missing that is in a folder', async () => {
    mkdirSync(join(folder, 'deep/dd'), { recursive: true });
    writeFileSync(join(folder, 'deep/dd/x.vmdk'), 'x');
    const data = sampleOvf({ files: [{ href: 'dd/x.vmdk' }] });
    writeFileSync(join(folder, 'deep/web.ovf'), data);
    writeFileSync(join(folder, 'deep/web.mf'), `SHA256(web.ovf)= ${sumOf(data)}\nSHA256(dd/x.vmdk)= ${sumOf('x')}\n`);
    expect(await verify('deep/web.ovf')).toEqual({
      code: 75,
      out: 'deep/web.ovf: incomplete, 1 file as in web.mf\n  dd/x.vmdk: is in a folder, which was not looked into\n',
      err: '',
    });
  });

  test('tells of a file that it did not look at once, however the manifest spells it', async () => {
    mkdirSync(join(folder, 'spelt'));
    const data = sampleOvf({ files: [{ href: 'dd/a%20disk.vmdk' }, { href: './dd/b.vmdk' }] });
    writeFileSync(join(folder, 'spelt/web.ovf'), data);
    const lines = ['dd/a%20disk.vmdk', 'dd/b.vmdk'].map((name) => `SHA256(${name})= ${sumOf('x')}`);
    writeFileSync(join(folder, 'spelt/web.mf'), lines.join('\n'));
    expect(await verify('spelt/web.ovf')).toEqual({
      code: 75,
      out: [
        'spelt/web.ovf: incomplete, 0 files as in web.mf',
        '  dd/a%20disk.vmdk: is in a folder, which was not looked into',
        '  dd/b.vmdk: is in a folder, which was not looked into',
        '  web.ovf: not in the manifest\n',
      ].join('\n'),
      err: '',
    });
  });

  test('says why it can tell nothing, and goes on', async () => {
    expect(await verify('gone.ova', 'gone.ovf', 'none.ova', 'web.ova')).toEqual({
      code: 66,
      out: 'web.ova: ok, 2 files as in web.mf\n',
      err: 'ovadex: gone.ova: there is no such file\novadex: gone.ovf: there is no such file\novadex: none.ova: it has no manifest (.mf) to compare with\n',
    });
  });

  test('finds an archive that is cut off', async () => {
    const { code, err } = await verify('cut.ova');
    expect([code, err]).toEqual([65, 'ovadex: cut.ova: the archive ends within one of its files\n']);
  });

  test('has no line of JSON for what it can tell nothing of, nor for lines that it does not understand', async () => {
    const jsonOf = async (image: string) => {
      const io = captureIo();
      const code = await run(['verify', '--json', join(folder, image)], io);
      return { code, lines: io.out().split('\n').length - 1, err: io.err().replaceAll(`${folder}/`, '') };
    };
    expect(await jsonOf('cut.ova')).toEqual({
      code: 65,
      lines: 0,
      err: 'ovadex: cut.ova: the archive ends within one of its files\n',
    });
    expect(await jsonOf('less.ova')).toEqual({
      code: 65,
      lines: 3,
      err: 'ovadex: less.ova: the manifest has a line that is none of its forms: hello\n',
    });
  });

  test('shows on a terminal how far it is, and nothing of that elsewhere', async () => {
    const io = captureIo({ isTTY: true });
    expect(await run(['verify', join(folder, 'web.ova')], io)).toBe(0);
    expect(io.err()).toMatch(/web\.ovf, 0 % in all/);
    expect((await verify('web.ova')).err).toBe('');
  });
});
