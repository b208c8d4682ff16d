import { deflateSync } from 'node:zlib';
import type { Machine } from './machine.js';
import { seededBytes } from './seeded.js';

/*
 * A stream-optimised sparse extent as VMware's "Virtual Disk Format 5.0" has it:
 *
 *   header | descriptor | marker + grain ... | marker + grain table | marker + grain directory | marker + footer | end marker
 *
 * It claims gigabytes and takes kilobytes, since only grains that hold something are written.
 */
const SECTOR_BYTES = 512;
const GRAIN_SECTORS = 128;
/** The unit of allocation. */
export const GRAIN_SIZE_BYTES = GRAIN_SECTORS * SECTOR_BYTES;
const GRAINS_PER_TABLE = 512;
const SECTORS_PER_TABLE = GRAINS_PER_TABLE * GRAIN_SECTORS;
const SECTORS_PER_GIBIBYTE = 2 ** 30 / SECTOR_BYTES;
const DESCRIPTOR_SECTORS = 2;
/** A value in the header in place of the directory's offset, which only the footer knows. */
const DIRECTORY_AT_END = 0xffffffffffffffffn;
/** Bits 0, 16 and 17: valid newline test, compressed grains, markers. */
const FLAGS = 0x30001;
const MARKER = { endOfStream: 0, grainTable: 1, grainDirectory: 2, footer: 3 } as const;
/** Bytes of a grain that are not zero; the rest compresses away. */
const GRAIN_FILL_BYTES = 1500;

/** Creates a valid sparse VMDK of a few KB. `fileName` is its own name, which its descriptor contains. */
export function makeVmdk(machine: Machine, fileName: string): Buffer {
  const capacity = machine.diskGibibytes * SECTORS_PER_GIBIBYTE;
  const chunks: Buffer[] = [sparseHeader(capacity, DIRECTORY_AT_END), embeddedDescriptor(machine, fileName, capacity)];
  let sector = 1 + DESCRIPTOR_SECTORS;
  const append = (chunk: Buffer) => {
    const at = sector;
    chunks.push(chunk);
    sector += chunk.length / SECTOR_BYTES;
    return at;
  };

  const table = Buffer.alloc(GRAINS_PER_TABLE * 4);
  for (let grain = 0; grain < machine.grains; grain++) {
    table.writeUInt32LE(append(compressedGrain(machine, grain)), grain * 4);
  }
  append(marker(table.length / SECTOR_BYTES, MARKER.grainTable));
  const tableAt = append(table);

  const directory = padded(Buffer.alloc(Math.ceil(capacity / SECTORS_PER_TABLE) * 4));
  directory.writeUInt32LE(tableAt, 0);
  append(marker(directory.length / SECTOR_BYTES, MARKER.grainDirectory));
  const directoryAt = append(directory);

  append(marker(1, MARKER.footer));
  append(sparseHeader(capacity, BigInt(directoryAt)));
  append(marker(0, MARKER.endOfStream));
  return Buffer.concat(chunks);
}

function sparseHeader(capacity: number, directoryAt: bigint): Buffer {
  const header = Buffer.alloc(SECTOR_BYTES);
  header.write('KDMV', 0, 'latin1');
  header.writeUInt32LE(3, 4); // version: stream-optimised
  header.writeUInt32LE(FLAGS, 8);
  header.writeBigUInt64LE(BigInt(capacity), 12);
  header.writeBigUInt64LE(BigInt(GRAIN_SECTORS), 20);
  header.writeBigUInt64LE(1n, 28); // the descriptor follows the header
  header.writeBigUInt64LE(BigInt(DESCRIPTOR_SECTORS), 36);
  header.writeUInt32LE(GRAINS_PER_TABLE, 44);
  header.writeBigUInt64LE(0n, 48); // no redundant grain directory
  header.writeBigUInt64LE(directoryAt, 56);
  header.writeBigUInt64LE(BigInt(1 + DESCRIPTOR_SECTORS), 64); // sectors of metadata in front of the data
  header.write('\n \r\n', 73, 'latin1'); // a transfer in text mode would corrupt these
  header.writeUInt16LE(1, 77); // grains are deflated (RFC 1951 within RFC 1950)
  return header;
}

function embeddedDescriptor(machine: Machine, fileName: string, capacity: number): Buffer {
  const cylinders = Math.floor(capacity / (255 * 63));
  const text = `# Disk DescriptorFile
version=1
CID=${seededBytes(`cid ${machine.name}`, 4).toString('hex')}
parentCID=ffffffff
createType="streamOptimized"

# Extent description
RDONLY ${capacity} SPARSE "${fileName}"

# The Disk Data Base
#DDB

ddb.adapterType = "lsilogic"
ddb.geometry.cylinders = "${cylinders}"
ddb.geometry.heads = "255"
ddb.geometry.sectors = "63"
ddb.virtualHWVersion = "10"
`;
  const sectors = Buffer.alloc(DESCRIPTOR_SECTORS * SECTOR_BYTES);
  sectors.write(text);
  return sectors;
}

/** Creates the content of a grain; the first begins with a boot sector and its signature, like a real disk. */
function grainContent(machine: Machine, grain: number): Buffer {
  const content = Buffer.alloc(GRAIN_SIZE_BYTES);
  const start = grain === 0 ? SECTOR_BYTES : 0;
  seededBytes(`${machine.name} grain ${grain}`, GRAIN_FILL_BYTES).copy(content, start);
  if (grain === 0) {
    content.write(`${machine.system.label}: a demonstration disk, nothing boots from it.`);
    content.writeUInt16LE(0xaa55, 510);
  }
  return content;
}

function compressedGrain(machine: Machine, grain: number): Buffer {
  const data = deflateSync(grainContent(machine, grain), { level: 9 });
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(grain * GRAIN_SECTORS), 0);
  head.writeUInt32LE(data.length, 8);
  return padded(Buffer.concat([head, data]));
}

function marker(sectors: number, type: number): Buffer {
  const sector = Buffer.alloc(SECTOR_BYTES);
  sector.writeBigUInt64LE(BigInt(sectors), 0);
  sector.writeUInt32LE(type, 12);
  return sector;
}

function padded(bytes: Buffer): Buffer {
  const rest = bytes.length % SECTOR_BYTES;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(SECTOR_BYTES - rest)]);
}
