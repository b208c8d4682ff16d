import { chunkName, nameAmong, resolveHref } from '../domain/description/href.js';
import { createNotes } from './descriptor/notes.js';
import { namesMeant, withoutManifestsOfOthers } from './manifest/names.js';
import type { StoredFile } from './manifest/stored-file.js';
import { type Verified, type Verifying, verifyPackage } from './manifest/verify.js';
import { readDescriptor } from './read-descriptor.js';
import { MOST_OF_A_DESCRIPTOR } from './reading-state.js';

/**
 * Compares a descriptor and the files beside it with the sums in their manifest. Other people's files may lie there, too,
 * so only those count as unmentioned that the descriptor refers to, and itself. Throws as `verifyPackage` does.
 */
export async function verifyBeside(
  files: readonly StoredFile[],
  descriptor: string,
  verifying: Verifying,
): Promise<Verified> {
  const kept = new Map<string, Uint8Array[]>();
  const keeping = files.map((file) => (file.name === descriptor ? keepingPieces(file, kept) : file));
  const ownFiles = withoutManifestsOfOthers(keeping, descriptor);
  const verified = await verifyPackage(ownFiles, descriptor, { ...verifying, isBeyond: isBeyondFolder });
  const own = keeping.find(({ name }) => name === descriptor);
  // It was read already if the manifest mentions it.
  if (own !== undefined && !kept.has(descriptor)) for await (const _ of own.pieces()) verifying.signal.throwIfAborted();
  const hrefs = referencesIn(Buffer.concat(kept.get(descriptor) ?? []));

  const names = new Set(files.map(({ name }) => name));
  const wanted = new Set([descriptor]);
  const unlooked = new Set<string>();
  for (const href of hrefs) {
    const target = resolveHref(href);
    if (target.kind === 'outside') {
      unlooked.add(href);
      continue;
    }
    const name = nameAmong(target, (each) => names.has(each) || names.has(chunkName(each, 0)));
    if (name.includes('/')) unlooked.add(name);
    else wanted.add(name);
    for (let part = 0; names.has(chunkName(name, part)); part++) wanted.add(chunkName(name, part));
  }
  for (const { name } of verified.files)
    for (const meant of namesMeant(verified.manifest, name)) unlooked.delete(meant);
  return {
    ...verified,
    unmentioned: verified.unmentioned.filter((name) => wanted.has(name)),
    unlooked: [...unlooked],
  };
}

/** Whether a name leads out of the folder that was listed, or deeper. */
function isBeyondFolder(name: string): boolean {
  const target = resolveHref(name);
  return target.kind === 'outside' || target.path.includes('/');
}

/** Keeps what is read of a descriptor, as far as descriptors are read at all. */
function keepingPieces(file: StoredFile, kept: Map<string, Uint8Array[]>): StoredFile {
  return {
    ...file,
    async *pieces() {
      const pieces: Uint8Array[] = [];
      kept.set(file.name, pieces);
      let length = 0;
      for await (const piece of file.pieces()) {
        length += piece.length;
        if (length <= MOST_OF_A_DESCRIPTOR) pieces.push(piece);
        yield piece;
      }
      if (length > MOST_OF_A_DESCRIPTOR) pieces.length = 0;
    },
  };
}

/** Returns what a descriptor refers to; one that can't be read refers to nothing. */
function referencesIn(bytes: Uint8Array): readonly string[] {
  const read = readDescriptor(bytes, createNotes());
  return read.kind === 'described' ? read.descriptor.files.map(({ href }) => href) : [];
}
