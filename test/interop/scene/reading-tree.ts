import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, statSync, utimesSync, writeSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { writeSpace } from '../../../src/demo/spaces.js';
import { type ImageState, judgeState } from '../../../src/domain/description/image-state.js';
import { isImageName } from '../../../src/domain/model/image.js';
import { readImage } from '../../../src/ovf/read-image.js';
import { openLocalFile } from '../../../src/platform/file-source.js';
import { type GenuineFile, genuineFiles } from '../../support/ovf/genuine.js';
import type { SparseFile } from '../../support/ovf/memory-source.js';
import { tarOf } from '../../support/ovf/tar.js';

/** Nobody writes to it any more. */
const LONG_AGO_S = Date.UTC(2025, 0, 1) / 1_000;
/** What a disk has of which nothing else is said. */
const USUAL_DISK_BYTES = 100_000;
const OCTAL_LIMIT = 8 ** 11;
const GOING = new AbortController().signal;

/**
 * Fills a folder with the demo's images and the genuine ones: each descriptor with sparse files of the right sizes
 * beside it, the same packed into an archive, and the genuine archives as they are. Returns the genuine descriptors by
 * the path that they have beside their files.
 */
export async function fillWithImages(directory: string): Promise<ReadonlyMap<string, GenuineFile>> {
  await writeSpace(directory, 'jm', GOING);
  const descriptors = new Map<string, GenuineFile>();
  for (const [at, genuine] of genuineFiles().entries()) {
    if (genuine.kind === 'mf') continue;
    if (genuine.kind === 'ova') {
      writeSparse(join(directory, `genuine archives/${at}.ova`), whole(genuine.bytes));
      continue;
    }
    const path = `genuine/${at}/descriptor.ovf`;
    const parts = partsOf(genuine);
    writeSparse(join(directory, path), whole(genuine.bytes));
    for (const { name, size } of parts) writeSparse(join(directory, dirname(path), name), { size, pieces: [] });
    const members = parts.map(({ name, size }) => ({ name, size, isBase256: size >= OCTAL_LIMIT }));
    const packed = tarOf([{ name: 'descriptor.ovf', data: genuine.bytes }, ...members]);
    writeSparse(join(directory, `genuine packed/${at}.ova`), packed);
    descriptors.set(path, genuine);
  }
  return descriptors;
}

/** The files that a descriptor refers to: a chunk is a file of its own. */
function partsOf({ values }: GenuineFile): readonly { readonly name: string; readonly size: number }[] {
  return (values?.files ?? []).flatMap(({ href, size, chunk_size }) => {
    const name = decodeURIComponent(`${href}`);
    const bytes = typeof size === 'number' ? size : USUAL_DISK_BYTES;
    if (typeof chunk_size !== 'number') return [{ name, size: bytes }];
    return Array.from({ length: Math.ceil(bytes / chunk_size) }, (_, part) => ({
      name: `${name}.${String(part).padStart(9, '0')}`,
      size: Math.min(chunk_size, bytes - part * chunk_size),
    }));
  });
}

const whole = (bytes: Uint8Array): SparseFile => ({ size: bytes.length, pieces: [[0, bytes]] });

/** Writes a file that takes no more of the disk than what is in it, dated long ago. */
export function writeSparse(file: string, { size, pieces }: SparseFile, modifiedS = LONG_AGO_S): void {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, 'w', 0o644);
  for (const [from, bytes] of pieces) writeSync(handle, bytes, 0, bytes.length, from);
  ftruncateSync(handle, size);
  closeSync(handle);
  utimesSync(file, modifiedS, modifiedS);
}

/** What is to be said of each image of a folder: read where it lies, with the files that lie beside it. */
export async function statesOnDisk(directory: string): Promise<Record<string, ImageState>> {
  const states: Record<string, ImageState> = {};
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !isImageName(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const { sizeBytes, source } = await openLocalFile(file);
    const attempt = await readImage(basename(file), sizeBytes, source);
    const siblings = readdirSync(entry.parentPath).map((name) => {
      return { name, sizeBytes: statSync(join(entry.parentPath, name)).size };
    });
    const reading = attempt.kind === 'read' ? attempt.reading : null;
    states[relative(directory, file)] = judgeState({ name: entry.name, isSettled: true }, reading, siblings).state;
  }
  return states;
}
