import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Reading } from '../../src/domain/description/reading.js';
import { readImage } from '../../src/ovf/read-image.js';
import { type MemorySourceOptions, memorySource, type SparseFile } from '../support/ovf/memory-source.js';
import { sampleOvf } from '../support/ovf/sample.js';
import { paxRecords, type TarEntry, tarBytes, tarOf } from '../support/ovf/tar.js';
import { isThorough } from '../support/thorough.js';

const GIB = 2 ** 30;
const ovf = { name: 'web.ovf', data: sampleOvf({ files: [{ href: 'disk.vmdk', size: 3000 }] }) };
const disk = { name: 'disk.vmdk', size: 3000 };

async function read(content: Uint8Array | SparseFile, options: MemorySourceOptions = {}, name = 'web.ova') {
  const source = memorySource(content, options);
  const size = content instanceof Uint8Array ? content.length : content.size;
  const attempt = await readImage(name, options.isSizeHidden === true ? null : size, source);
  expect(source.isClosed()).toBe(true);
  if (attempt.kind !== 'read') throw new Error(JSON.stringify(attempt));
  return { reading: attempt.reading, asked: source.asked };
}

async function readTar(entries: readonly TarEntry[], options: MemorySourceOptions & { readonly end?: number } = {}) {
  return await read(tarOf(entries, options), options);
}

function nameIn(reading: Reading): string | null | undefined {
  return reading.kind === 'described' ? reading.descriptor.name : undefined;
}

describe('an archive', () => {
  test('takes one request of 32 KiB if the sizes of its files fit it', async () => {
    const files = [
      { href: 'a.vmdk', size: 5 * GIB },
      { href: 'b.vmdk', size: 7 * GIB },
    ];
    const { reading, asked } = await readTar([
      { name: 'web.ovf', data: sampleOvf({ files }) },
      { name: 'a.vmdk', size: 5 * GIB },
      { name: 'b.vmdk', size: 7 * GIB },
      { name: 'web.mf', data: 'SHA1(web.ovf)= 0\n' },
    ]);
    expect(asked).toEqual([[0, 32_768]]);
    expect(reading).toMatchObject({ kind: 'described', reasons: [], notes: [] });
  });

  test('whose disks come first takes one more, however large they are', async () => {
    const { reading, asked } = await readTar([{ name: 'disk.vmdk', size: 7 * GIB }, ovf]);
    expect(nameIn(reading)).toBe('Web');
    expect(asked).toHaveLength(2);
  });

  test.each<[string, TarEntry]>([
    ['in base-256', { name: 'disk.vmdk', size: 20 * GIB, isBase256: true }],
    ['in octal of 12 digits', { name: 'disk.vmdk', size: 7 * GIB }],
  ])('of a member of 8 GiB and more, its size %s', async (_, member) => {
    const { reading, asked } = await readTar([member, ovf]);
    expect(reading).toMatchObject({ kind: 'described', reasons: [] });
    expect(asked).toHaveLength(2);
  });

  test('of a member whose size and name are in PAX records', async () => {
    const records = paxRecords({ size: String(9 * GIB), path: 'disk.vmdk', mtime: '1.5' });
    const complete = (header: Uint8Array) => header.set(Buffer.from('00000000000\0'), 124);
    const { reading, asked } = await readTar([
      { name: 'PaxHeader/d', type: 'x', data: records },
      { name: 'd', size: 9 * GIB, complete },
      ovf,
    ]);
    expect(reading).toMatchObject({ kind: 'described', reasons: [] });
    expect(asked).toHaveLength(2);
  });

  test('of a member whose PAX records are long, as those of a sparse map are', async () => {
    const map = Object.fromEntries(Array.from({ length: 6_000 }, (_, at) => [`GNU.sparse.offset.${at}`, `${at}`]));
    const data = paxRecords({ ...map, path: 'disk.vmdk' });
    expect(data.length).toBeGreaterThan(130_000);
    const { reading, asked } = await readTar([{ name: 'x', type: 'x', data }, { name: 'd', size: 3000 }, ovf]);
    expect(reading).toMatchObject({ kind: 'described', reasons: [] });
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  test('whose PAX records are beyond all bounds is given up within them', async () => {
    const data = paxRecords({ comment: 'x'.repeat(900_000) });
    const entries = [1, 2, 3, 4].flatMap((at) => [
      { name: 'x', type: 'x', data },
      { name: `${at}`, size: 9 },
    ]);
    const source = memorySource(tarOf([...entries, ovf]));
    const attempt = await readImage('web.ova', tarOf([...entries, ovf]).size, source);
    expect(attempt).toMatchObject({ reading: { kind: 'broken', reasons: ['descriptor-not-first'] } });
    expect(source.cost().bytes).toBeLessThanOrEqual(32_768 + 1_048_576);
  });

  test.each<[string, string, string]>([
    ['and a sparse name, which counts', '25 GNU.sparse.name=w.ovf\n12 path=d.x\n', 'Web'],
    ['that is empty: that of the header counts', '8 path=\n', 'Web'],
  ])('with a path in PAX records %s', async (_, data, name) => {
    const { reading } = await readTar([{ name: 'x', type: 'x', data }, ovf, disk]);
    expect(nameIn(reading)).toBe(name);
  });

  test('of a member that PAX records name twice has it by its last name', async () => {
    const data = '15 path=a.vmdk\n18 path=disk.vmdk\n';
    const { reading } = await readTar([ovf, { name: 'x', type: 'x', data }, { ...disk, name: 'd' }]);
    expect(reading).toMatchObject({ kind: 'described', reasons: [], notes: [] });
  });

  test.each<[string, Uint8Array | SparseFile]>([
    ['web.ovf', Buffer.from('<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"/>')],
    ['web.ova', tarOf([{ name: 'web.ovf', data: '<Envelope><References/></Envelope>' }])],
  ])('whose envelope describes no system is broken, yet described (%s)', async (name, content) => {
    const { reading } = await read(content, {}, name);
    expect(reading).toMatchObject({ kind: 'described', reasons: ['not-ovf: it describes no system'] });
  });

  test.each<[string, readonly TarEntry[]]>([
    ['a long name of GNU', [{ name: '././@LongLink', type: 'L', data: `${'x/'.repeat(80)}w.ovf\0` }, ovf, disk]],
    [
      'a name in PAX records alone, as Go writes those without a letter of ASCII',
      [
        { name: 'web.ovf', data: sampleOvf({ files: [{ href: '磁盘', size: 3000 }] }) },
        { name: 'PaxHeaders.0/', type: 'x', data: paxRecords({ path: '磁盘' }) },
        { name: '', size: 3000 },
      ],
    ],
    [
      'a name that is written as the reference to it',
      [
        { name: 'web.ovf', data: sampleOvf({ files: [{ href: 'a%2fb%25.vmdk', size: 3000 }] }) },
        { name: 'a%2fb%25.vmdk', size: 3000 },
      ],
    ],
    ['PAX records for all', [{ name: 'g', type: 'g', data: paxRecords({ comment: 'x' }) }, ovf, disk]],
    ['a signed checksum', [{ ...ovf, name: 'w\u00fcb.ovf', isSigned: true }, disk]],
    ['an ending in capitals', [{ ...ovf, name: 'WEB.OVF' }, disk]],
    [
      'names that begin with ./',
      [
        { name: './', type: '5' },
        { ...ovf, name: './web.ovf' },
        { ...disk, name: './disk.vmdk' },
      ],
    ],
    [
      'a folder',
      [
        { name: 'web/', type: '5' },
        { ...ovf, name: 'web/web.ovf' },
        { ...disk, name: 'web/disk.vmdk' },
      ],
    ],
    ['what macOS adds', [{ name: './._web.ovf', data: 'Mac OS X' }, ovf, disk]],
    ['what old tars add', [{ name: 'PaxHeaders.12/web.ovf', data: 'x' }, ovf, disk]],
    ['a link to a descriptor', [{ name: 'latest.ovf', type: '2', size: 0 }, ovf, disk]],
    ['the old type of files', [{ ...ovf, type: '\0' }, disk]],
    ['its certificate last', [ovf, disk, { name: 'web.mf', data: 'x' }, { name: 'web.cert', data: 'y' }]],
  ])('with %s', async (_, entries) => {
    const { reading } = await readTar(entries);
    expect(reading).toMatchObject({ kind: 'described', reasons: [], notes: [] });
    expect(nameIn(reading)).toBe('Web');
  });

  test('of two descriptors is described by the first', async () => {
    const second = { name: 'other.ovf', data: sampleOvf({ name: 'Other' }) };
    const { reading } = await readTar([ovf, second, disk]);
    expect(nameIn(reading)).toBe('Web');
    expect(reading.notes).toEqual(['the archive has 2 descriptors; the first counts']);
  });

  test('with old sparse members says so, and finds what is behind them', async () => {
    // A block with more of the map stands between the header and the data; it doesn't count in the size.
    const complete = (header: Uint8Array) => {
      header.set(Buffer.from('00000001750\0'), 124);
      header.set([1], 482);
    };
    const { reading } = await readTar([{ name: 'disk.vmdk', type: 'S', size: 512 + 1000, complete }, ovf]);
    expect(reading).toMatchObject({
      kind: 'described',
      reasons: [],
      notes: ['disk.vmdk is stored as a sparse file, which few deployers can read'],
    });
  });

  test('that lacks a member is incomplete', async () => {
    const files = [
      { href: 'disk.vmdk', size: 3000 },
      { href: 'gone.vmdk', size: 99_000 },
    ];
    const { reading } = await readTar([{ name: 'web.ovf', data: sampleOvf({ files }) }, disk]);
    expect(reading.reasons).toEqual(['missing-member: gone.vmdk']);
  });

  test('that lacks a member far behind is incomplete, and that takes few small requests', async () => {
    const files = ['a', 'b', 'c'].map((href) => ({ href, size: GIB }));
    const { reading, asked } = await readTar([
      { name: 'web.ovf', data: sampleOvf({ files }) },
      { name: 'a', size: GIB },
      { name: 'c', size: GIB },
    ]);
    expect(reading.reasons).toEqual(['missing-member: b']);
    expect(asked).toHaveLength(3);
  });

  test.each([
    ['another size says so', 3000, 2000, [], ['disk.vmdk has 2000 bytes; the descriptor says 3000']],
    ['less than a header of a disk is incomplete', 3000, 500, ['short-file: disk.vmdk'], []],
  ])('whose disk has %s', async (_, said, size, reasons, notes) => {
    const descriptor = { name: 'web.ovf', data: sampleOvf({ files: [{ href: 'disk.vmdk', size: said }] }) };
    expect((await readTar([descriptor, { name: 'disk.vmdk', size }])).reading).toMatchObject({ reasons, notes });
  });

  test('that lacks a chunk is incomplete', async () => {
    const files = [{ href: 'disk', size: 2500, chunkSize: 1000 }];
    const descriptor = { name: 'web.ovf', data: sampleOvf({ files }) };
    const chunk = (index: number, size: number) => ({ name: `disk.00000000${index}`, size });
    const whole = await readTar([descriptor, chunk(0, 1000), chunk(1, 1000), chunk(2, 500)]);
    expect(whole.reading).toMatchObject({ reasons: [], notes: [] });
    const { reading } = await readTar([descriptor, chunk(0, 1000), chunk(2, 500)]);
    expect(reading.reasons).toEqual(['missing-member: disk.000000001']);
  });

  test('whose chunks together have another size says so, and is incomplete with less than a header of a disk', async () => {
    const sized = (size: number) => ({
      name: 'web.ovf',
      data: sampleOvf({ files: [{ href: 'disk', size, chunkSize: 1000 }] }),
    });
    const chunk = (index: number, size: number) => ({ name: `disk.00000000${index}`, size });
    expect((await readTar([sized(2500), chunk(0, 1000), chunk(1, 1000), chunk(2, 5)])).reading).toMatchObject({
      reasons: [],
      notes: ['disk has 2005 bytes; the descriptor says 2500'],
    });
    const short = await readTar([sized(900), chunk(0, 5)]);
    expect(short.reading.reasons).toEqual(['short-file: disk']);
  });

  test('is never whole while anything of its members is missing', async () => {
    const archive = tarBytes([ovf, disk]);
    const end = archive.length - 1024 - 72;
    for (let length = 1; length < end; length += isThorough ? 1 : 7) {
      const { reading } = await read(archive.subarray(0, length));
      expect(reading.reasons, `${length} bytes`).toEqual(['truncated']);
    }
    for (let length = end; length <= archive.length; length += isThorough ? 1 : 11) {
      expect((await read(archive.subarray(0, length))).reading, `${length} bytes`).toMatchObject({ reasons: [] });
    }
  });

  test('without zero blocks at its end says so', async () => {
    expect((await readTar([ovf, disk], { end: 0 })).reading).toMatchObject({
      reasons: [],
      notes: ['the archive has no zero blocks at its end'],
    });
  });

  test('that is cut off far behind is found out by the sizes that it was to have', async () => {
    const files = ['a', 'b'].map((href) => ({ href, size: GIB }));
    const { size, pieces } = tarOf([
      { name: 'web.ovf', data: sampleOvf({ files }) },
      { name: 'a', size: GIB },
      { name: 'b', size: GIB },
    ]);
    const { reading, asked } = await read({ size: size - 100_000_000, pieces });
    expect(reading.reasons).toEqual(['truncated']);
    expect(asked).toHaveLength(2);
  });

  test.each([
    ['whole', 0, { reasons: [], notes: ['how the archive ends is not known: it was not read that far'] }],
    ['cut off in the last of them', 1024 + 50_000, { reasons: ['truncated'], notes: [] }],
  ])('of very many files whose sizes are not said is looked at where it ends (%s)', async (_, less, expected) => {
    const names = Array.from({ length: 20 }, (_, index) => `disk${index}.vmdk`);
    const files = names.map((href) => ({ href }));
    const data = Buffer.alloc(100_000, 'a disk ');
    const { size, pieces } = tarOf([
      { name: 'web.ovf', data: sampleOvf({ files }) },
      ...names.map((name) => ({ name, data })),
    ]);
    const { reading, asked } = await read({ size: size - less, pieces });
    expect(reading).toMatchObject(expected);
    expect(asked.length).toBeLessThanOrEqual(8);
  });

  test('whose header cuts the descriptor off is broken, yet described', async () => {
    const data = sampleOvf({ name: 'Zürich' });
    const archive = tarBytes([{ name: 'web.ovf', data, size: data.length - 10 }]);
    const { reading } = await read(archive);
    expect(nameIn(reading)).toBe('Zürich');
    expect(reading.reasons).toEqual([expect.stringMatching(/^invalid-xml: /)]);
  });

  test('that is damaged behind the descriptor lacks what can no longer be found', async () => {
    const spoil = (header: Uint8Array) => void header.fill(7, 148, 156);
    const { reading } = await readTar([ovf, { ...disk, spoil }]);
    expect(reading.reasons).toEqual(['missing-member: disk.vmdk']);
    expect(reading.notes).toEqual([expect.stringMatching(/^the archive is damaged: there is no header at byte \d+$/)]);
  });

  test('with a descriptor of a size that nobody writes is too large', async () => {
    const { reading, asked } = await readTar([{ name: 'web.ovf', size: 5 * GIB }]);
    expect(reading.reasons).toEqual(['too-large: a descriptor of 5368709120 bytes; at most 4194304 are read']);
    expect(asked).toHaveLength(1);
  });

  test('with a long descriptor is read on from where the first bytes end', async () => {
    const annotation = `<AnnotationSection><Annotation>${'x'.repeat(60_000)}</Annotation></AnnotationSection>`;
    const { reading, asked } = await readTar([{ name: 'web.ovf', data: sampleOvf({ sections: annotation }) }]);
    expect(reading).toMatchObject({ kind: 'described', descriptor: { annotation: 'x'.repeat(60_000) } });
    expect(asked).toEqual([
      [0, 32_768],
      [32_768, expect.any(Number)],
    ]);
  });

  test('of many large members without a descriptor is given up within bounds', async () => {
    const entries = Array.from({ length: 40 }, (_, index) => ({ name: `${index}.vmdk`, size: GIB }));
    const { reading, asked } = await readTar([...entries, ovf]);
    expect(reading.reasons).toEqual(['descriptor-not-first']);
    expect(asked.length).toBeLessThanOrEqual(8);
  });

  test('that is compressed is read as far as its first bytes go', async () => {
    const archive = gzipSync(tarBytes([ovf, disk]));
    expect((await read(archive)).reading).toMatchObject({
      kind: 'described',
      reasons: [],
      notes: ['the archive is compressed by gzip, which OVF does not allow'],
    });
    const bomb = gzipSync(tarBytes([{ name: 'disk.vmdk', size: 50_000_000 }, ovf]));
    expect((await read(bomb)).reading.reasons).toEqual(['descriptor-not-first']);
  });
});

describe('a storage', () => {
  test('without ranges is read on, not asked to jump', async () => {
    const archive = tarOf([{ name: 'disk.vmdk', size: 100_000 }, ovf]);
    const { reading, asked } = await read(archive, { isStream: true });
    expect(nameIn(reading)).toBe('Web');
    expect(asked.slice(0, 3).map(([from]) => from)).toEqual([0, 100_864, 32_768]);
  });

  test('without ranges is not read to the end of large disks', async () => {
    const { reading } = await readTar([{ name: 'disk.vmdk', size: GIB }, ovf], { isStream: true });
    expect(reading).toMatchObject({ reasons: ['descriptor-not-first'], notes: ['the archive begins with disk.vmdk'] });
  });

  test('without ranges leaves open how an archive ends', async () => {
    const files = ['a', 'b'].map((href) => ({ href, size: GIB }));
    const descriptor = { name: 'web.ovf', data: sampleOvf({ files }) };
    const { reading } = await readTar([descriptor, { name: 'a', size: GIB }], { isStream: true });
    expect(reading).toMatchObject({
      reasons: [],
      notes: ['how the archive ends is not known: it was not read that far'],
    });
  });

  test('may not say how large a file is', async () => {
    const { reading } = await readTar([{ name: 'disk.vmdk', size: GIB }, ovf], { isSizeHidden: true });
    expect(reading).toMatchObject({ kind: 'described', reasons: [] });
    expect((await read(Buffer.from(ovf.data), { isSizeHidden: true }, 'web.ovf')).reading.kind).toBe('described');
  });

  test.each([
    [{ kind: 'changed', detail: 'another ETag' }],
    [{ kind: 'failed', failure: { kind: 'unreachable' } as never, detail: 'no answer' }],
  ] as const)('that gives no bytes is passed on: %j', async (answer) => {
    const source = memorySource(new Uint8Array(10), { interpose: () => answer });
    expect(await readImage('web.ova', 10, source)).toBe(answer);
    expect(source.isClosed()).toBe(true);
  });

  test('that never gives anything is not asked for ever', async () => {
    const { reading, asked } = await read(tarBytes([ovf]), { interpose: () => ({ kind: 'unseekable' }) });
    expect(reading.reasons).toEqual(['descriptor-not-first']);
    expect(asked).toHaveLength(2);
  });
});

describe('a file', () => {
  test.each<[string, string, Uint8Array, string]>([
    ['without a byte', 'a.ova', new Uint8Array(), 'empty'],
    ['of zero bytes', 'a.ova', new Uint8Array(2048), 'not-an-ova: nothing but zero bytes'],
    ['that is a zip archive', 'a.ova', Buffer.from('PK\x03\x04abcdefgh'), 'not-an-ova: a zip archive'],
    ['that is a page', 'a.ova', Buffer.from('\n<!DOCTYPE html><html>'), 'not-an-ova: an HTML page'],
    ['that is a descriptor', 'a.ova', Buffer.from(ovf.data), 'not-an-ova: an XML document'],
    ['that is anything', 'a.ova', Buffer.alloc(2000, 'abc'), 'not-an-ova'],
    ['that is a gzip file', 'a.ova', gzipSync('abc'), 'not-an-ova: a gzip file'],
    [
      'that only begins as one',
      'a.ova',
      Buffer.from('\x1f\x8babcdefghijklmnopqrst', 'latin1'),
      'not-an-ova: a gzip file',
    ],
    ['that is an archive', 'a.ovf', tarBytes([ovf]), 'not-ovf: a tar archive'],
    ['that is a page', 'a.ovf', Buffer.from('<html></html>'), 'not-ovf: an HTML page'],
    [
      'of SOAP',
      'a.ovf',
      Buffer.from('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>'),
      'not-ovf: its root is <Envelope>',
    ],
    ['of other XML', 'a.ovf', Buffer.from('<domain/>'), 'not-ovf: its root is <domain>'],
  ])('%s, called %s', async (_, name, bytes, reason) => {
    expect((await read(bytes, {}, name)).reading).toMatchObject({ kind: 'broken', reasons: [reason] });
  });

  test('with another ending is judged by its content', async () => {
    expect(nameIn((await read(Buffer.from(ovf.data), {}, 'a.xml')).reading)).toBe('Web');
    expect(nameIn((await read(tarBytes([ovf, disk]), {}, 'a.box')).reading)).toBe('Web');
    expect((await read(Buffer.from('hello'.repeat(200)), {}, 'a.txt')).reading.reasons).toEqual(['not-an-ova']);
  });

  test('called .ovf beyond the largest descriptor is not read', async () => {
    const { reading, asked } = await read({ size: 5_000_000, pieces: [[0, Buffer.from(ovf.data)]] }, {}, 'a.ovf');
    expect(reading.reasons).toEqual(['too-large: a descriptor of 5000000 bytes; at most 4194304 are read']);
    expect(asked).toEqual([[0, 32_768]]);
  });
});
