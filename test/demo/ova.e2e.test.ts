import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { inflateSync } from 'node:zlib';
import { SaxesParser } from 'saxes';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { makeDescriptor } from '../../src/demo/descriptor.js';
import { makeMachine } from '../../src/demo/machine.js';
import { makeOva, makePackage } from '../../src/demo/ova.js';
import { makeVmdk } from '../../src/demo/vmdk.js';

const machine = makeMachine('Ubuntu & "friends" 24.04', 'a seed');

async function unpack(archive: Buffer) {
  const entries: { name: string; bytes: Buffer }[] = [];
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) entries.push({ name: entry.header.name, bytes: await buffer(entry) });
  return entries;
}

describe('an OVA', () => {
  it('holds descriptor, manifest and disk, the descriptor first', async () => {
    const entries = await unpack(await makeOva(machine));
    expect(entries.map(({ name }) => name)).toEqual([
      'Ubuntu_friends_24.04.ovf',
      'Ubuntu_friends_24.04.mf',
      'Ubuntu_friends_24.04-disk1.vmdk',
    ]);
    expect(entries.map(({ bytes }) => bytes)).toEqual(makePackage(machine).map(({ bytes }) => bytes));
  });

  it('is a ustar archive that the system\u2019s tar reads', async () => {
    const archive = await makeOva(machine);
    expect(archive.toString('latin1', 257, 262)).toBe('ustar');
    const names = execFileSync('tar', ['tf', '-'], { input: archive, encoding: 'utf8' });
    expect(names.trim().split('\n')).toEqual(makePackage(machine).map(({ name }) => name));
  });

  it('is the same at every run, and another one for another seed', async () => {
    const archive = await makeOva(machine);
    expect(await makeOva(makeMachine(machine.name, 'a seed'))).toEqual(archive);
    expect(await makeOva(makeMachine(machine.name, 'another seed'))).not.toEqual(archive);
  });

  it('has the SHA-256 of descriptor and disk in its manifest', () => {
    const [descriptor, manifest, disk] = makePackage(machine);
    const sums = [descriptor, disk].map(
      (file) =>
        `SHA256(${file?.name})= ${createHash('sha256')
          .update(file?.bytes ?? '')
          .digest('hex')}\n`,
    );
    expect(manifest?.bytes.toString()).toBe(sums.join(''));
  });
});

describe('a descriptor', () => {
  it('is a well-formed OVF envelope that names its disk file and the machine', () => {
    const seen: { uri: string; local: string; attributes: Record<string, string> }[] = [];
    const texts: string[] = [];
    const parser = new SaxesParser({ xmlns: true });
    parser.on('error', (error) => {
      throw error;
    });
    parser.on('opentag', ({ uri, local, attributes }) => {
      const values = Object.entries(attributes).map(([name, attribute]) => [name, attribute.value]);
      seen.push({ uri, local, attributes: Object.fromEntries(values) });
    });
    parser.on('text', (text) => texts.push(text));
    parser.write(makeDescriptor(machine, { fileName: 'disk.vmdk', sizeBytes: 4711 })).close();

    const elements = seen
      .filter(({ uri }) => uri === 'http://schemas.dmtf.org/ovf/envelope/1')
      .map(({ local }) => local);
    expect(elements[0]).toBe('Envelope');
    for (const section of ['References', 'DiskSection', 'NetworkSection', 'VirtualSystem', 'VirtualHardwareSection']) {
      expect(elements).toContain(section);
    }
    expect(elements.filter((local) => local === 'Item')).toHaveLength(5);
    const file = seen.find(({ local }) => local === 'File')?.attributes;
    expect(file).toEqual({ 'ovf:id': 'file1', 'ovf:href': 'disk.vmdk', 'ovf:size': '4711' });
    expect(texts).toContain(machine.name);
  });
});

describe('a disk', () => {
  const disk = makeVmdk(machine, 'disk.vmdk');
  const sectorAt = (sector: number) => disk.subarray(sector * 512);

  it('starts with the header and the descriptor of a stream-optimised extent', () => {
    expect(disk.toString('latin1', 0, 4)).toBe('KDMV');
    expect(disk.length % 512).toBe(0);
    expect(disk.readBigUInt64LE(12) * 512n).toBe(BigInt(machine.diskGibibytes) * 2n ** 30n);
    const descriptor = disk.toString('utf8', 512, 3 * 512);
    expect(descriptor).toContain('createType="streamOptimized"');
    expect(descriptor).toContain(`RDONLY ${machine.diskGibibytes * 2 ** 21} SPARSE "disk.vmdk"`);
  });

  it('leads from its footer over directory and table to each grain', () => {
    const footer = disk.subarray(disk.length - 2 * 512, disk.length - 512);
    expect(footer.toString('latin1', 0, 4)).toBe('KDMV');
    const directory = sectorAt(Number(footer.readBigUInt64LE(56)));
    const table = sectorAt(directory.readUInt32LE(0));

    for (let grain = 0; grain < machine.grains; grain++) {
      const at = sectorAt(table.readUInt32LE(grain * 4));
      expect(at.readBigUInt64LE(0)).toBe(BigInt(grain * 128));
      expect(inflateSync(at.subarray(12, 12 + at.readUInt32LE(8)))).toHaveLength(128 * 512);
    }
    expect(table.readUInt32LE(machine.grains * 4)).toBe(0);
    const boot = sectorAt(table.readUInt32LE(0));
    expect(inflateSync(boot.subarray(12, 12 + boot.readUInt32LE(8))).readUInt16LE(510)).toBe(0xaa55);
  });

  it('takes a few KB for the gigabytes it claims', () => {
    expect(disk.length).toBeLessThan(40_000);
  });
});
