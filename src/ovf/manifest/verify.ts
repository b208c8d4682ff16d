import { createHash } from 'node:crypto';
import { OvadexError } from '../../domain/model/errors.js';
import { chooseManifest, isBesideTheSums, MOST_OF_A_MANIFEST, namesMeant, requireReadable } from './names.js';
import { type DigestName, type Manifest, type ManifestEntry, manifestText, parseManifest } from './parse-manifest.js';
import type { StoredFile } from './stored-file.js';

/** What became of one file of a manifest. */
export interface VerifiedFile {
  readonly name: string;
  /** `unlooked`: it would lie where was not looked, so that nothing is known of it. */
  readonly outcome: 'ok' | 'differs' | 'missing' | 'unlooked';
  /** null if it was not read. */
  readonly sizeBytes: number | null;
  readonly algorithm: DigestName;
  /** The sum in the manifest, in lower-case hex. */
  readonly expected: string;
  /** The sum of the file as it is; null if it was not read. */
  readonly actual: string | null;
}

/** What a manifest was found to be worth. */
export interface Verified {
  readonly manifest: string;
  readonly files: readonly VerifiedFile[];
  /** Files of the image that the manifest doesn't mention; nothing is known of them. */
  readonly unmentioned: readonly string[];
  /** What the descriptor refers to where was not looked, and the manifest leaves out. */
  readonly unlooked: readonly string[];
  /** Lines that aren't understood. */
  readonly strange: readonly string[];
}

/** What may be said and asked while sums are made. */
export interface Verifying {
  readonly signal: AbortSignal;
  /** Called after every piece, with what has been read of how much; null if nobody knows. */
  onProgress(file: string, readBytes: number, totalBytes: number | null): void;
  /** Called with each file once its sum is known. */
  readonly onVerified?: (file: VerifiedFile, manifest: string) => void;
  /** Whether a file of this name would lie where was not looked; not set: no file does. */
  readonly isBeyond?: (name: string) => boolean;
}

/**
 * Makes the sums of all files that an image's manifest mentions, which reads them from beginning to end, and compares
 * them. The manifest is called as the descriptor is, else it is the only one. Throws OvadexError `not-found` if there
 * is none, `damaged` if it says nothing; rejects by an abort.
 */
export async function verifyPackage(
  files: readonly StoredFile[],
  descriptor: string | null,
  verifying: Verifying,
): Promise<Verified> {
  const manifest = chooseManifest(files, descriptor);
  const { entries, strange } = meaningOf(await textOf(manifest));
  const byName = new Map(files.map((file) => [file.name, file]));
  const mentioned = entries.map((entry) => ({ entry, file: fileMeant(byName, manifest.name, entry.name) }));
  const totalBytes = sizeOfAll(mentioned.flatMap(({ file }) => file ?? []));
  let readBytes = 0;
  const onPiece = (name: string, piece: Uint8Array) => {
    readBytes += piece.length;
    verifying.onProgress(name, readBytes, totalBytes);
  };
  const verified: VerifiedFile[] = [];
  for (const { entry, file } of mentioned) {
    const made = file === null ? null : await sumOf(file, entry, verifying.signal, onPiece);
    const found = verifiedFile(entry, made);
    const isUnlooked = file === null && verifying.isBeyond?.(entry.name) === true;
    const outcome: VerifiedFile = isUnlooked ? { ...found, outcome: 'unlooked' } : found;
    verified.push(outcome);
    verifying.onVerified?.(outcome, manifest.name);
  }
  const known = new Set(mentioned.flatMap(({ file }) => file?.name ?? []));
  const names = files.map(({ name }) => name);
  return { manifest: manifest.name, files: verified, unmentioned: unmentionedOf(names, known), unlooked: [], strange };
}

/** Reads a manifest's text. Throws OvadexError `damaged` if it says nothing, which proves nothing. */
export function meaningOf(text: string): Manifest {
  const manifest = parseManifest(text);
  if (manifest.entries.length + manifest.strange.length > 0) return manifest;
  throw new OvadexError('damaged', 'its manifest is empty');
}

/** The sum that was made of a file, and of how many bytes. */
export interface MadeSum {
  readonly sum: string;
  readonly sizeBytes: number;
}

/** Compares the sum in a manifest with the one that was made; null if there is no such file. */
export function verifiedFile({ name, algorithm, sum }: ManifestEntry, made: MadeSum | null): VerifiedFile {
  const outcome = made === null ? 'missing' : made.sum === sum ? 'ok' : 'differs';
  const { sizeBytes = null, sum: actual = null } = made ?? {};
  return { name, outcome, sizeBytes, algorithm, expected: sum, actual };
}

/** Returns those names that a manifest leaves out, though they are of the image. */
export function unmentionedOf(names: readonly string[], mentioned: ReadonlySet<string>): readonly string[] {
  return names.filter((name) => !mentioned.has(name) && !isBesideTheSums(name));
}

async function sumOf(
  file: StoredFile,
  { name, algorithm }: ManifestEntry,
  signal: AbortSignal,
  onPiece: (name: string, piece: Uint8Array) => void,
): Promise<MadeSum> {
  const hash = createHash(algorithm);
  let sizeBytes = 0;
  for await (const piece of file.pieces()) {
    signal.throwIfAborted();
    hash.update(piece);
    sizeBytes += piece.length;
    onPiece(name, piece);
  }
  return { sum: hash.digest('hex'), sizeBytes };
}

function fileMeant(files: ReadonlyMap<string, StoredFile>, manifest: string, name: string): StoredFile | null {
  const names = namesMeant(manifest, name);
  return names.map((each) => files.get(each)).find((file) => file !== undefined) ?? null;
}

function sizeOfAll(files: readonly StoredFile[]): number | null {
  return files.reduce<number | null>((sum, { sizeBytes }) => {
    return sum === null || sizeBytes === null ? null : sum + sizeBytes;
  }, 0);
}

async function textOf(manifest: StoredFile): Promise<string> {
  requireReadable(manifest.sizeBytes);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of manifest.pieces()) {
    length += piece.length;
    if (length > MOST_OF_A_MANIFEST) requireReadable(length);
    pieces.push(piece);
  }
  return manifestText(Buffer.concat(pieces));
}
