import { createHash } from 'node:crypto';
import type { RangeSource } from '../../domain/description/reading.js';
import { OvadexError } from '../../domain/model/errors.js';
import { BLOCK } from '../container/header.js';
import { type KnownBytes, withPiece } from '../container/known-bytes.js';
import { type Member, type WalkStart, walkMembers } from '../container/members.js';
import { chooseManifest, isManifest, isManifestOf, namesMeant, requireReadable } from './names.js';
import { damaged } from './open-archive.js';
import { DIGESTS, type DigestName, manifestText, parseManifest } from './parse-manifest.js';
import { PIECE_BYTES, readPart, readUpTo } from './stored-file.js';
import { type MadeSum, meaningOf, unmentionedOf, type Verified, type Verifying, verifiedFile } from './verify.js';

/** Beyond this many it is no image, and each takes memory until the end. */
const MOST_MEMBERS = 2_000;
/** An archive has one, in rare cases one for each of its descriptors; each is kept until the end. */
const MOST_MANIFESTS = 8;

interface ManifestRead {
  readonly name: string;
  readonly text: string;
}
type Sums = ReadonlyMap<DigestName, MadeSum>;

/**
 * Compares an archive with its manifest in one pass from its first byte to its last, for storages that give no parts of
 * files. The manifest may come last: what is read before it gets the sums of all digests. `sizeBytes` is null if it
 * isn't known. Throws as `verifyPackage` does, and OvadexError `damaged` if the archive isn't whole.
 */
export async function verifyStraight(
  source: RangeSource,
  sizeBytes: number | null,
  { signal, onProgress, onVerified }: Verifying,
): Promise<Verified> {
  const sums = new Map<string, Sums>();
  const manifests: ManifestRead[] = [];
  let descriptor: string | null = null;
  /** What is wanted of which member, once the manifest that counts is known for certain. */
  let wanted: ReadonlyMap<string, readonly DigestName[]> | null = null;

  for await (const { member, pieces } of membersOf(source, sizeBytes)) {
    const { name } = member;
    if (sums.size >= MOST_MEMBERS) throw new OvadexError('damaged', `the archive has more than ${MOST_MEMBERS} files`);
    if (descriptor === null && /\.ovf$/i.test(name)) descriptor = name;
    const digests = wanted === null ? DIGESTS : (wanted.get(name) ?? []);
    const hashes = digests.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
    const kept: Uint8Array[] = [];
    if (isManifest(name)) requireReadable(member.size);
    let at = member.from;
    for await (const piece of pieces) {
      signal.throwIfAborted();
      for (const { hash } of hashes) hash.update(piece);
      if (isManifest(name)) kept.push(piece);
      at += piece.length;
      onProgress(name, at, sizeBytes);
    }
    const made = hashes.map(
      ({ algorithm, hash }) => [algorithm, { sum: hash.digest('hex'), sizeBytes: member.size }] as const,
    );
    sums.set(name, new Map(made));
    if (!isManifest(name)) continue;
    if (manifests.length >= MOST_MANIFESTS)
      throw new OvadexError('damaged', `it has more than ${MOST_MANIFESTS} manifests`);
    const manifest = { name, text: manifestText(Buffer.concat(kept)) };
    manifests.push(manifest);
    // Of several that are called so the first counts, and any of them may have come before the descriptor.
    const own = manifests.find((each) => isManifestOf(each.name, descriptor));
    if (own === manifest) wanted = digestsWanted(manifest);
  }

  const manifest = chooseManifest(manifests, descriptor);
  const { entries, strange } = meaningOf(manifest.text);
  const mentioned = new Set<string>();
  const files = entries.map((entry) => {
    const name = namesMeant(manifest.name, entry.name).find((each) => sums.has(each)) ?? null;
    if (name !== null) mentioned.add(name);
    const file = verifiedFile(entry, name === null ? null : (sums.get(name)?.get(entry.algorithm) ?? null));
    onVerified?.(file, manifest.name);
    return file;
  });
  return {
    manifest: manifest.name,
    files,
    unmentioned: unmentionedOf([...sums.keys()], mentioned),
    unlooked: [],
    strange,
  };
}

function digestsWanted({ name, text }: ManifestRead): ReadonlyMap<string, readonly DigestName[]> {
  const wanted = new Map<string, DigestName[]>();
  for (const entry of parseManifest(text).entries) {
    for (const meant of new Set(namesMeant(name, entry.name))) {
      wanted.set(meant, [...new Set([...(wanted.get(meant) ?? []), entry.algorithm])]);
    }
  }
  return wanted;
}

/** Walks along an archive that is read once: the pieces of each member have to be taken before the next one. */
async function* membersOf(
  source: RangeSource,
  sizeBytes: number | null,
): AsyncGenerator<{ readonly member: Member; readonly pieces: AsyncIterable<Uint8Array> }> {
  let total = sizeBytes;
  let known: KnownBytes = new Map();
  let next: WalkStart | undefined;
  /** Where the next byte of the source is. */
  let at = 0;
  const piecesTo = async function* (end: number): AsyncGenerator<Uint8Array> {
    while (at < end) {
      const bytes = await readPart(source, at, Math.min(at + PIECE_BYTES, end));
      at += bytes.length;
      yield bytes;
    }
  };

  for (;;) {
    const walk = walkMembers(known, total, next);
    // No more is read than up to the end of one header, so it is one member at most.
    for (const member of walk.members) yield { member, pieces: piecesTo(member.from + member.size) };
    if (walk.end.kind === 'end') return;
    if (walk.end.kind !== 'needs') throw damaged(walk.end, known);
    if (walk.end.at > (next?.at ?? 0)) known = new Map();
    next = walk.next;
    for await (const _ of piecesTo(walk.end.at)); // what fills up the last block, or is no file
    const until = Math.max(walk.end.need, at + BLOCK);
    const bytes = await readUpTo(source, at, until);
    known = withPiece(known, at, bytes);
    at += bytes.length;
    if (bytes.length < until - (at - bytes.length)) total = at;
  }
}
