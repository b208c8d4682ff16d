import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FileChanged } from '../../../src/domain/model/errors.js';
import type { Verified, VerifiedFile, Verifying } from '../../../src/ovf/manifest/verify.js';
import { verifyArchive } from '../../../src/ovf/manifest/verify-archive.js';
import { verifyStraight } from '../../../src/ovf/manifest/verify-straight.js';
import { type MemorySourceOptions, memorySource, type SparseFile } from '../../support/ovf/memory-source.js';
import { paxRecords, type TarEntry, tarOf } from '../../support/ovf/tar.js';

const NEVER = new AbortController().signal;
const sumOf = (data: string | Uint8Array, algorithm = 'sha256') => createHash(algorithm).update(data).digest('hex');
const OVF = 'a descriptor';
const DISK = Buffer.alloc(2_500_000, 'a disk ');
const ovf = { name: 'web.ovf', data: OVF };
const disk = { name: 'disk.vmdk', data: DISK };
const mf = { name: 'web.mf', data: `SHA256(web.ovf)= ${sumOf(OVF)}\nSHA1(disk.vmdk)= ${sumOf(DISK, 'sha1')}\n` };
const cert = { name: 'web.cert', data: 'x' };
const noSum = '0'.repeat(64);

/** Verifies an archive, by ranges and as a stream, with its size known and not: whatever is found has to be the same. */
async function verifyAllWays(entries: readonly TarEntry[], verifying: Partial<Verifying> = {}): Promise<Verified> {
  const archive = tarOf(entries);
  const found = [];
  for (const isStream of [false, true]) {
    for (const size of [archive.size, null]) found.push(await verifyIn(archive, size, { isStream }, verifying));
  }
  for (const each of found) expect(each).toEqual(found[0]);
  return found[0] as Verified;
}

async function verifyIn(
  archive: SparseFile,
  size: number | null,
  options: MemorySourceOptions = {},
  verifying: Partial<Verifying> = {},
): Promise<Verified> {
  const withSize = { ...options, isSizeHidden: size === null };
  const data = memorySource(archive, withSize);
  const headers = memorySource(archive, withSize);
  return await verifyArchive({ headers, data }, size, { signal: NEVER, onProgress: () => undefined, ...verifying });
}

describe('an archive is compared with its manifest, by ranges as in one pass', () => {
  test.each([
    ['behind the descriptor', [ovf, mf, disk, cert]],
    ['at the end', [ovf, disk, mf, cert]],
    ['at the beginning', [mf, ovf, disk]],
  ])('that stands %s', async (_where, entries) => {
    const { files, unmentioned, manifest } = await verifyAllWays(entries);
    expect(files.map(({ name, outcome, sizeBytes }) => [name, outcome, sizeBytes])).toEqual([
      ['web.ovf', 'ok', OVF.length],
      ['disk.vmdk', 'ok', DISK.length],
    ]);
    expect([manifest, unmentioned]).toEqual(['web.mf', []]);
  });

  test('with what is missing, what differs, and what it leaves out', async () => {
    const own = { name: 'web.mf', data: `SHA512(disk.vmdk)= ${'0'.repeat(128)}\nSHA256(gone.vmdk)= ${noSum}\n` };
    const { files, unmentioned } = await verifyAllWays([ovf, own, disk, { name: 'notes.txt', data: 'x' }]);
    expect(files.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['disk.vmdk', 'differs'],
      ['gone.vmdk', 'missing'],
    ]);
    expect(files[0]).toMatchObject({ expected: '0'.repeat(128), actual: sumOf(DISK, 'sha512'), algorithm: 'sha512' });
    expect(files[1]).toMatchObject({ actual: null, sizeBytes: null });
    expect(unmentioned).toEqual(['web.ovf', 'notes.txt']);
  });

  test('by the one that is called as the descriptor, whichever comes first', async () => {
    const other = { name: 'other.mf', data: `SHA256(disk.vmdk)= ${noSum}\n` };
    for (const entries of [
      [ovf, other, mf, disk],
      [ovf, mf, other, disk],
      [other, disk, ovf, mf],
    ]) {
      const { manifest, files } = await verifyAllWays(entries);
      expect([manifest, files.map(({ outcome }) => outcome)]).toEqual(['web.mf', ['ok', 'ok']]);
    }
  });

  test('is not compared if it has several, and none is called as the descriptor', async () => {
    const [a, b] = ['a.mf', 'b.mf'].map((name) => ({ ...mf, name })) as [TarEntry, TarEntry];
    await expect(verifyAllWays([ovf, a, b, disk])).rejects.toMatchObject({
      code: 'not-found',
      message: 'none of its 2 manifests (.mf) is called as its descriptor',
    });
  });

  test('by the first of that name, if it was stored again', async () => {
    const again = { name: 'web.mf', data: `SHA512(disk.vmdk)= ${'0'.repeat(128)}\n` };
    for (const entries of [
      [ovf, mf, again, disk],
      [mf, ovf, again, disk],
    ]) {
      const { files } = await verifyAllWays(entries);
      expect(files.map(({ name, outcome }) => [name, outcome])).toEqual([
        ['web.ovf', 'ok'],
        ['disk.vmdk', 'ok'],
      ]);
    }
  });

  test('with names that are encoded, long, or in folders', async () => {
    const long = `${'x'.repeat(120)}.vmdk`;
    const names = { name: 'a/web.mf', data: `SHA256(a%20disk)= ${sumOf('1')}\nSHA256(${long})= ${sumOf('2')}` };
    const { files } = await verifyAllWays([
      { name: 'a/', type: '5' },
      { name: 'a/web.ovf', data: OVF },
      names,
      { name: 'a/a disk', data: '1' },
      { name: 'pax', type: 'x', data: paxRecords({ path: `a/${long}` }) },
      { name: 'short', data: '2' },
    ]);
    expect(files.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  });

  test.each([
    ['files with their folder', `SHA256(a/disk)= ${sumOf('1')}`, Buffer.from('a/disk')],
    [
      'a name that is not UTF-8',
      Buffer.from(`SHA256(d\xefsk)= ${sumOf('1')}`, 'latin1'),
      Buffer.from('a/d\xefsk', 'latin1'),
    ],
    ['in UTF-16', Buffer.from(`\ufeffSHA256(disk)= ${sumOf('1')}\r\n`, 'utf16le'), Buffer.from('a/disk')],
    [
      'in UTF-16, big end first',
      Buffer.from(`\ufeffSHA256(disk)= ${sumOf('1')}`, 'utf16le').swap16(),
      Buffer.from('a/disk'),
    ],
  ])('that writes %s', async (_, data, name) => {
    const complete = (header: Uint8Array) => header.set(name);
    const entries = [
      { name: 'a/web.ovf', data: OVF },
      { name: 'a/web.mf', data },
      { name: '', data: '1', complete },
    ];
    const { files, strange } = await verifyAllWays(entries);
    expect(strange).toEqual([]);
    expect(files).toMatchObject([{ outcome: 'ok', sizeBytes: 1 }]);
  });

  test('that is small and has no end of its own', async () => {
    const own = { name: 'web.mf', data: `SHA1(disk)= ${sumOf('x'.repeat(9_000), 'sha1')}` };
    const archive = tarOf([ovf, own, { name: 'disk', data: 'x'.repeat(9_000) }], { end: 0 });
    for (const isStream of [false, true]) {
      for (const size of [archive.size, null]) {
        expect((await verifyIn(archive, size, { isStream })).files).toMatchObject([{ outcome: 'ok' }]);
      }
    }
  });

  test('with empty files', async () => {
    const own = { name: 'web.mf', data: `SHA1(empty)= ${sumOf('', 'sha1')}` };
    expect((await verifyAllWays([ovf, { name: 'empty' }, own])).files).toMatchObject([{ outcome: 'ok', sizeBytes: 0 }]);
  });

  test('and each file is told once it is known', async () => {
    const told: string[] = [];
    const onVerified = ({ name, outcome }: VerifiedFile, manifest: string) =>
      void told.push(`${manifest} ${name} ${outcome}`);
    await verifyIn(tarOf([ovf, disk, mf]), null, { isStream: true }, { onVerified });
    expect(told).toEqual(['web.mf web.ovf ok', 'web.mf disk.vmdk ok']);
  });
});

describe('an archive that is read as a stream', () => {
  test('is read once, and held in pieces of a megabyte', async () => {
    const archive = tarOf([ovf, mf, { name: 'disk.vmdk', size: 50_000_000 }]);
    const data = memorySource(archive, { isStream: true });
    const headers = memorySource(archive, { isStream: true });
    const shown: string[] = [];
    const onProgress = (file: string, read: number, total: number | null) =>
      void shown.push(`${file} ${read}/${total}`);
    await verifyArchive({ headers, data }, archive.size, { signal: NEVER, onProgress });
    expect(headers.isClosed()).toBe(true);
    expect(data.cost().bytes).toBeLessThanOrEqual(archive.size);
    expect(Math.max(...data.asked.map(([from, end]) => end - from))).toBe(1024 * 1024);
    expect(shown.at(-1)).toMatch(new RegExp(`^disk\\.vmdk \\d+/${archive.size}$`));
  });

  test.each([
    [
      'ends within a file',
      (bytes: SparseFile) => ({ ...bytes, size: 200_000 }),
      'the archive ends within one of its files',
    ],
    ['has a spoilt header', (bytes: SparseFile) => bytes, 'there is no header of an archive at byte'],
  ])('and %s is damaged', async (what, spoil, message) => {
    const spoilt = what.startsWith('has')
      ? [{ ...disk, spoil: (header: Uint8Array) => header.fill(1, 0, 50) }]
      : [disk];
    const archive = spoil(tarOf([ovf, mf, ...spoilt]));
    for (const size of [archive.size, null]) {
      const verifying = verifyIn(archive, size, { isStream: true });
      if (size === null && !what.startsWith('has')) {
        await expect(verifying).rejects.toMatchObject({ code: expect.stringMatching(/^(?:damaged|unavailable)$/) });
      } else
        await expect(verifying).rejects.toMatchObject({ code: 'damaged', message: expect.stringContaining(message) });
    }
  });

  test('without a manifest proves nothing', async () => {
    const verifying = verifyIn(tarOf([ovf, disk]), null, { isStream: true });
    await expect(verifying).rejects.toMatchObject({ code: 'not-found' });
  });

  test.each([
    ['a gzip file', gzipSync('x'.repeat(3_000))],
    ['a zip archive', Buffer.from('PK\x03\x04'.padEnd(5_000, 'x'))],
    ['an HTML page', Buffer.from('<!DOCTYPE html><html></html>')],
    ['an XML document', Buffer.from('<Envelope/>')],
  ])('is none if it is %s, however it is read', async (what, bytes) => {
    for (const isStream of [false, true]) {
      for (const size of [bytes.length, null]) {
        const verifying = verifyIn({ size: bytes.length, pieces: [[0, bytes]] }, size, { isStream });
        const message = `it is ${what}, not a tar archive`;
        await expect(verifying).rejects.toMatchObject({ code: 'damaged', message });
      }
    }
  });

  test.each([
    ['a manifest that is too large', [ovf, { name: 'web.mf', size: 2 ** 21 }, disk]],
    ['more manifests than any image has', Array.from({ length: 9 }, (_, n) => ({ name: `${n}.mf`, data: 'x' }))],
    ['more files than any image has', Array.from({ length: 2_001 }, (_, n) => ({ name: `${n}.vmdk` }))],
  ])('with %s is refused', async (_what, entries) => {
    const source = memorySource(tarOf(entries), { isStream: true });
    const verifying = verifyStraight(source, null, { signal: NEVER, onProgress: () => undefined });
    await expect(verifying).rejects.toMatchObject({ code: 'damaged' });
  });

  test('has no more extensions of a header than tars write', async () => {
    const extension = { name: 'pax', type: 'x', data: paxRecords({ comment: 'x' }) };
    const entriesWith = (extensions: number) => [ovf, mf, ...Array.from({ length: extensions }, () => extension), disk];
    expect((await verifyAllWays(entriesWith(100))).files).toMatchObject([{ outcome: 'ok' }, { outcome: 'ok' }]);
    for (const isStream of [false, true]) {
      const verifying = verifyIn(tarOf(entriesWith(5_000)), null, { isStream });
      await expect(verifying).rejects.toMatchObject({ code: 'damaged' });
    }
  });

  test('says that it changed meanwhile', async () => {
    const interpose = (from: number) => (from > 5_000 ? ({ kind: 'changed', detail: 'another ETag' } as const) : null);
    const archive = tarOf([ovf, mf, disk]);
    const verifying = verifyIn(archive, archive.size, { isStream: true, interpose });
    await expect(verifying).rejects.toBeInstanceOf(FileChanged);
  });

  test('ends within a piece by an abort', async () => {
    const controller = new AbortController();
    const archive = tarOf([ovf, mf, { name: 'disk.vmdk', size: 500_000_000 }]);
    const data = memorySource(archive, { isStream: true });
    const verifying = verifyArchive({ headers: memorySource(archive, { isStream: true }), data }, archive.size, {
      signal: controller.signal,
      onProgress: (file) => file === 'disk.vmdk' && controller.abort(),
    });
    await expect(verifying).rejects.toMatchObject({ name: 'AbortError' });
    expect(data.cost().bytes).toBeLessThan(3_000_000);
  });
});
