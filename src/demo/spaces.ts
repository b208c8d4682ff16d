import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { makeMachine } from './machine.js';
import { oddImages } from './odd-images.js';
import { makeOva, makePackage } from './ova.js';
import { seededNumber, seededUuid } from './seeded.js';

/** An image that every demo space has, for copying, fetching and searching. */
export const WELL_KNOWN_IMAGE = 'images/Ubuntu_64-bit-vmx10.ova';

const RELEASES = [
  'Ubuntu-22.04',
  'Ubuntu-24.04',
  'debian-11',
  'debian-12',
  'Rocky-9.4',
  'alma-8.10',
  'rhel-9.3',
  'FreeBSD-14.1',
  'Windows-Server-2022',
  'alpine-3.20',
  'fedora-40',
  'openSUSE-15.6',
];
const ROLES = ['minimal', 'server', 'desktop', 'docker', 'database'];
/** Each user has a different majority of the products, so that a filter gives each a different list. */
const PRODUCTS_IN_TEN = 7;

/** Names that a careless client or server misinterprets. */
const AWKWARD_NAMES = [
  'a name with  spaces.ova',
  'plus+plus.ova',
  '100% real.ova',
  '%41 is not A.ova',
  'hash#tag.ova',
  'what?.ova',
  'this & that.ova',
  `it's "quoted".ova`,
  '[square] (round) {curly}.ova',
  'semi;colon=equals,comma.ova',
  'back\\slash.ova',
  'caf\u00e9.ova', // NFC
  'cafe\u0301.ova', // NFD: a different file, except on macOS
  '\u65e5\u672c\u8a9e.ova',
  'owl \u{1f989}.ova',
  'UPPER-CASE.OVA',
  'Mixed-Case.Ova',
];
const EXPORTS = ['quiet_heron', 'brave_otter', 'dusty_lynx', 'eager_finch', 'misty_badger', 'proud_marten'];

const OLDEST_FILE = Date.UTC(2023, 0, 1);
const FILES_SPAN_SECONDS = 2 * 365 * 86_400;

/**
 * Fills a directory with what people keep in a space: archives in folders, exported machines, other files, awkward
 * names, images that don't deploy. A user gets the same bytes and dates in every run.
 */
export async function writeSpace(directory: string, user: string, signal: AbortSignal): Promise<void> {
  for (const path of archives(user)) {
    await writeInto(directory, path, await makeOva(makeMachine(parse(path).name, `${user} ${path}`)), signal);
  }
  for (const name of EXPORTS) {
    const number = 1000 + seededNumber(`${user} ${name}`, 9000);
    const machine = makeMachine(`${number}T-${name}`, `${user} ${name}`);
    for (const file of makePackage(machine)) {
      await writeInto(directory, `${seededUuid(`${user} ${name}`)}/${file.name}`, file.bytes, signal);
    }
  }
  for (const [path, content] of await oddImages(user)) await writeInto(directory, path, content, signal);
  for (const [path, text] of otherFiles(user)) await writeInto(directory, path, text, signal);
  await mkdir(join(directory, 'an empty folder'), { recursive: true });
}

/** Lists the paths of a user's OVAs. */
function archives(user: string): readonly string[] {
  const products = RELEASES.flatMap((release) => ROLES.map((role) => `${release}-${role}`));
  const owned = products.filter((product) => seededNumber(`${user} has ${product}`, 10) < PRODUCTS_IN_TEN);
  const folderOf = (product: string) => (/-11|-22\.04|-8\./.test(product) ? 'images/archive/2023' : 'images');
  return [
    WELL_KNOWN_IMAGE,
    ...owned.map((product) => `${folderOf(product)}/${product}.ova`),
    ...AWKWARD_NAMES.map((name) => `awkward names/${name}`),
    'awkward names/a folder #1 & more (100%)/inside.ova',
  ];
}

/** Files that are not images, though some look like it. */
function otherFiles(user: string): readonly (readonly [path: string, content: string | Buffer])[] {
  // AppleDouble: the file that macOS writes beside another on a volume without forks.
  const appleDouble = Buffer.alloc(82);
  appleDouble.writeUInt32BE(0x00051607, 0);
  appleDouble.writeUInt32BE(0x00020000, 4);
  return [
    ['notes.txt', `Notes of ${user}: which image was the good one?\n`],
    ['images/debian-12-netinst.iso', isoImage()],
    ['images/._Ubuntu_64-bit-vmx10.ova', appleDouble],
    ['images/upload-in-progress.ova.part', 'half an archive'],
    ['images/checksums.sha256', '# none yet\n'],
  ];
}

/** Sixteen sectors of system area and a terminating volume descriptor (ECMA-119 8.3). */
function isoImage(): Buffer {
  const image = Buffer.alloc(17 * 2048);
  image.write('\u00ffCD001\u0001', 16 * 2048, 'latin1');
  return image;
}

async function writeInto(
  directory: string,
  path: string,
  content: string | Buffer,
  signal: AbortSignal,
): Promise<void> {
  const file = join(directory, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content, { signal });
  const modifiedAt = OLDEST_FILE / 1000 + seededNumber(path, FILES_SPAN_SECONDS);
  await utimes(file, modifiedAt, modifiedAt);
}
