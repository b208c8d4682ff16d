import type { ListedCollection } from './listing.js';
import type { ResourcePath } from './path.js';

/**
 * What a collection's marker (getetag, else getlastmodified) proves by not moving differs from server to server: the
 * whole subtree (Nextcloud, ownCloud), the names directly inside (Apache, nginx, lighttpd), or nothing (rclone before
 * 1.65). It is learned for each space and never assumed: `seen` after a change that the marker showed, `refuted` after
 * one that it didn't, until full syncs have proven it anew.
 */
export type Evidence = 'none' | 'seen' | 'refuted';

export interface MarkerEvidence {
  /** Evidence that a marker proves the names directly inside. */
  readonly names: Evidence;
  /** Evidence that a marker proves everything below. */
  readonly subtree: Evidence;
  /** Changes that a marker should have shown and didn't. */
  readonly mismatches: number;
  /** Full syncs in a row since `names` was refuted in which markers moved with a change. */
  readonly namesProofs: number;
  readonly subtreeProofs: number;
}

/** What one sync saw of the markers: that they moved with a change, or stood still in spite of one. */
export interface MarkerFindings {
  readonly names: 'moved' | 'stood' | null;
  readonly subtree: 'moved' | 'stood' | null;
  readonly mismatches: number;
}

export const NO_EVIDENCE: MarkerEvidence = {
  names: 'none',
  subtree: 'none',
  mismatches: 0,
  namesProofs: 0,
  subtreeProofs: 0,
};
export const NO_FINDINGS: MarkerFindings = { names: null, subtree: null, mismatches: 0 };

/** A week of nightly full syncs: a single accident may have refuted it. */
const PROOFS_TO_REGAIN = 7;

/** Returns the evidence after another sync. A marker that doesn't show its own collection's names shows no subtree either. */
export function learn(before: MarkerEvidence, found: MarkerFindings, isFull: boolean): MarkerEvidence {
  const names = weighEvidence(before.names, before.namesProofs, found.names, isFull);
  const subtree = weighEvidence(before.subtree, before.subtreeProofs, found.subtree, isFull);
  const isSubtreeRefuted = names.evidence === 'refuted';
  return {
    names: names.evidence,
    subtree: isSubtreeRefuted ? 'refuted' : subtree.evidence,
    mismatches: before.mismatches + found.mismatches,
    namesProofs: names.proofs,
    subtreeProofs: isSubtreeRefuted && subtree.evidence !== 'refuted' ? 0 : subtree.proofs,
  };
}

/** Weighs what a sync found against what was known; what is refuted is regained by a week of full syncs. */
export function weighEvidence(
  before: Evidence,
  proofsBefore: number,
  found: MarkerFindings['names'],
  isFull: boolean,
): { readonly evidence: Evidence; readonly proofs: number } {
  if (found === 'stood') return { evidence: 'refuted', proofs: 0 };
  if (before !== 'refuted') return { evidence: found === 'moved' ? 'seen' : before, proofs: 0 };
  const proofs = proofsBefore + (found === 'moved' && isFull ? 1 : 0);
  return proofs < PROOFS_TO_REGAIN ? { evidence: 'refuted', proofs } : { evidence: 'seen', proofs: 0 };
}

/** How many spaces of one origin have which evidence that markers prove subtrees. */
export interface OriginEvidence {
  readonly seen: number;
  readonly refuted: number;
}

/**
 * So many spaces whose changes their markers have shown are no accident: servers behind one origin share their software
 * and their database.
 */
export const SPACES_TO_BELIEVE = 10;

/**
 * Whether a space's markers are taken to prove subtrees although it has shown nothing of that itself, because others of
 * its origin have. Otherwise whoever never changes anything would be listed in full for ever. Full syncs check it as
 * they check what was seen, and one counter-example ends it for the whole origin until that space has proven it anew.
 */
export function isSubtreeBelieved({ names, subtree }: MarkerEvidence, origin: OriginEvidence): boolean {
  if (subtree !== 'none' || names === 'refuted') return false;
  return origin.refuted === 0 && origin.seen >= SPACES_TO_BELIEVE;
}

/** What may be skipped in a space, in one word: the most that its markers prove. */
export type Pruning =
  | 'learning' // nothing yet: no change was seen
  | 'names' // collections without others in them
  | 'subtree' // everything below a collection
  | 'believed' // the same, since other spaces of the storage have shown it: see `isSubtreeBelieved`
  | 'off'; // nothing, since a change did not show

/** Returns the word for a space; `isBelieved` is `isSubtreeBelieved` of it. */
export function pruningOf({ names, subtree }: MarkerEvidence, isBelieved = false): Pruning {
  if (names === 'refuted') return 'off';
  if (subtree === 'seen') return 'subtree';
  if (isBelieved) return 'believed';
  return names === 'seen' ? 'names' : 'learning';
}

/**
 * Dates have a resolution of one second, so a change in the second of the listing leaves the marker as it is. One more
 * second for servers that round up (as Git does for a file that is "racily clean").
 */
const SETTLED_AFTER_MS = 2_000;

/**
 * Whether a marker is old enough to be trusted later: the collection's own date lies two seconds before the request,
 * both by the server's clock. It is not if either is unknown.
 */
export function isSettled(modifiedAt: number | null, askedAt: number | null): boolean {
  return modifiedAt !== null && askedAt !== null && modifiedAt <= askedAt - SETTLED_AFTER_MS;
}

/** What the index holds of a child collection when its parent is listed. */
export interface KnownChild {
  readonly path: ResourcePath;
  /** The child's own marker, as in `KnownCollection`, like the next two members. */
  readonly marker: string | null;
  readonly isSettled: boolean;
  readonly isProven: boolean;
  /** As in `ListedCollection`. */
  readonly isJoined: boolean;
  /** The child contains no collection. */
  readonly isLeaf: boolean;
  /** The sync that first found it absent, as long as that is neither proven nor believed; else null. */
  readonly absentInSync: number | null;
  /** The full sync that first found it absent, as long as that is neither proven nor believed; else null. */
  readonly absentInFull: number | null;
}

/** What markers may be taken to prove in a sync; `nothing` in a full one. */
export type Trust = 'nothing' | 'names' | 'subtree';

/**
 * Returns how much of a child need not be listed, if its marker, as its parent shows it now, is the one that it had
 * when it was listed. A leaf has nothing but the names directly inside; any other child must be listed to see its
 * children's markers.
 */
export function provenUnchanged(
  known: KnownChild | undefined,
  listed: Pick<ListedCollection, 'marker'>,
  trust: Trust,
): 'nothing' | 'leaf' | 'subtree' {
  if (trust === 'nothing' || known === undefined || listed.marker === null) return 'nothing';
  if (known.marker !== listed.marker || !known.isSettled) return 'nothing';
  if (trust === 'subtree' && known.isProven) return 'subtree';
  return known.isLeaf ? 'leaf' : 'nothing';
}

/**
 * Whether a storage was restored from a backup since it was last looked at, by its fingerprint, which an administrator
 * changes after that; null: unknown. Files may be missing then that are on their way back.
 */
export function isAnotherFingerprint(before: string | null, now: string | null): boolean {
  return before !== null && now !== null && before !== now;
}

/** Restoring a backup and telling so takes longer than that. */
const FINGERPRINT_HOLDS_FOR_MS = 60_000;

/**
 * Whether a fingerprint says nothing of what was listed last, since the storage may have been restored in between. When
 * either was asked for is by the storage's clock, in ms since the epoch; null: unknown.
 */
export function isFingerprintOld(readAt: number | null, listedAt: number | null): boolean {
  return readAt === null || listedAt === null || listedAt - readAt > FINGERPRINT_HOLDS_FOR_MS;
}
