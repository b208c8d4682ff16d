import { createHash } from 'node:crypto';
import { resolveHref } from '../../domain/description/href.js';
import { OvadexError } from '../../domain/model/errors.js';
import { parseManifest } from './parse-manifest.js';
import type { StoredFile } from './stored-file.js';

/** What became of one file of a manifest. */
export interface VerifiedFile {
  readonly name: string;
  readonly outcome: 'ok' | 'differs' | 'missing';
}

/** What a manifest was found to be worth. */
export interface Verified {
  readonly manifest: string;
  readonly files: readonly VerifiedFile[];
  /** Files of the image that the manifest doesn't mention; nothing is known of them. */
  readonly unmentioned: readonly string[];
  /** Lines that aren't understood. */
  readonly strange: readonly string[];
}

/** What may be said and asked while sums are made. */
export interface Verifying {
  readonly signal: AbortSignal;
  /** Called after every piece, with what has been read of how much. */
  onProgress(file: string, readBytes: number, totalBytes: number): void;
}

/** The largest manifest that is read: of some 10,000 files. */
const MOST_OF_A_MANIFEST = 1024 * 1024;

/**
 * Makes the sums of all files that an image's manifest mentions, which reads them from beginning to end, and compares
 * them. The manifest is called as the descriptor is, else it is the only one. Throws OvadexError `not-found` if there
 * is none, `damaged` if it says nothing; rejects by an abort.
 */
export async function verifyPackage(
  files: readonly StoredFile[],
  descriptor: string | null,
  { signal, onProgress }: Verifying,
): Promise<Verified> {
  const manifest = manifestOf(files, descriptor);
  const { entries, strange } = parseManifest(await textOf(manifest));
  if (entries.length + strange.length === 0) throw new OvadexError('damaged', 'its manifest is empty');
  const folder = manifest.name.slice(0, manifest.name.lastIndexOf('/') + 1);
  const byName = new Map(files.map((file) => [file.name, file]));
  const mentioned = entries.map((entry) => ({ entry, file: fileNamed(byName, folder, entry.name) }));
  const totalBytes = mentioned.reduce((sum, { file }) => sum + (file?.sizeBytes ?? 0), 0);
  let readBytes = 0;
  const verified: VerifiedFile[] = [];
  for (const { entry, file } of mentioned) {
    if (file === null) {
      verified.push({ name: entry.name, outcome: 'missing' });
      continue;
    }
    const hash = createHash(entry.algorithm);
    for await (const piece of file.pieces()) {
      signal.throwIfAborted();
      hash.update(piece);
      readBytes += piece.length;
      onProgress(entry.name, readBytes, totalBytes);
    }
    verified.push({ name: entry.name, outcome: hash.digest('hex') === entry.sum ? 'ok' : 'differs' });
  }
  const known = new Set(mentioned.flatMap(({ file }) => file?.name ?? []));
  const unmentioned = files
    .map(({ name }) => name)
    .filter((name) => !known.has(name) && name !== manifest.name && !/\.(?:mf|cert)$/i.test(name));
  return { manifest: manifest.name, files: verified, unmentioned, strange };
}

function manifestOf(files: readonly StoredFile[], descriptor: string | null): StoredFile {
  const manifests = files.filter(({ name }) => /\.mf$/i.test(name));
  const stem = descriptor?.replace(/\.[^./]*$/, '') ?? null;
  const own = manifests.find(({ name }) => name.replace(/\.mf$/i, '') === stem);
  const found = own ?? (manifests.length === 1 ? manifests[0] : undefined);
  if (found === undefined) throw new OvadexError('not-found', 'it has no manifest (.mf) to compare with');
  return found;
}

/** Manifests name files as they are called; some exporters percent-encode them as references are. */
function fileNamed(files: ReadonlyMap<string, StoredFile>, folder: string, name: string): StoredFile | null {
  const target = resolveHref(name);
  const names = [`${folder}${name}`, ...(target.kind === 'inside' ? [`${folder}${target.path}`] : [])];
  return names.map((each) => files.get(each)).find((file) => file !== undefined) ?? null;
}

async function textOf(manifest: StoredFile): Promise<string> {
  if (manifest.sizeBytes > MOST_OF_A_MANIFEST) {
    throw new OvadexError(
      'damaged',
      `its manifest has ${manifest.sizeBytes} bytes; ${MOST_OF_A_MANIFEST} are read at most`,
    );
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of manifest.pieces()) pieces.push(piece);
  return new TextDecoder().decode(Buffer.concat(pieces));
}
