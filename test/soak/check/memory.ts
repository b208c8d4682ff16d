import type { Evidence } from '../../../src/domain/model/markers.js';
import { parentOf, type ResourcePath } from '../../../src/domain/model/path.js';
import { spellingKey } from '../../support/dav-server/spelling.js';
import { isNamedAsImage } from '../disks.js';
import type { Segment, Snapshot } from './segment.js';
import type { Said } from './witness.js';

/** What one answer showed of a collection. */
export interface Look {
  readonly collection: string;
  readonly syncId: number;
  /** The sync came to its end with it, so that the index has it for sure. */
  readonly isKept: boolean;
  readonly isHint: boolean;
  /** The collection's own date, in whole seconds as HTTP has it; null where it told none. */
  readonly modifiedAt: number | null;
  /** By the storage's clock. */
  readonly at: number;
  /** By `keyOf`. */
  readonly members: ReadonlySet<string>;
  /** What the index knew in it before, by `keyOf`. */
  readonly held: ReadonlySet<string>;
  /** The images among its members. */
  readonly images: ReadonlySet<string>;
  /** Not even an entry that can be no member. */
  readonly isBlank: boolean;
  /** Nothing is left of what the index knew of the collection then. */
  readonly isEmptying: boolean;
  /** What was known then of whether markers move with names. */
  readonly names: Evidence;
  /** It lacks what was missed together with a collection above it, which was held for its date before and behind it. */
  readonly isBelowHeld: boolean;
  /** An image that was held is shown as it was. */
  readonly isBack: boolean;
}

/** What the crawler was shown in former runs: the ground on which it may believe what it is shown next. */
export interface Memory {
  /** Of this collection, the oldest first; those of a run come once it is over. */
  looks(collection: string): readonly Look[];
  /** Full syncs in a row that came to their end and whose listing of its parent was without it. */
  deniedIn(path: string): ReadonlySet<number>;
  /** Those of them in which nobody could doubt that the listing was whole. */
  surelyDeniedIn(path: string): ReadonlySet<number>;
  /** Collections that could not be listed, and entries with an error of their own, since they were last seen well. */
  readonly unlisted: ReadonlySet<string>;
  note(segment: Segment): void;
  /** Another storage: nothing that was seen says anything about it. */
  forget(): void;
}

/** More than a history shows of one collection between two that are kept. */
const MAX_LOOKS = 30;

export function createMemory(): Memory {
  const looks = new Map<string, Look[]>();
  const denied = new Map<string, Set<number>>();
  const surelyDenied = new Map<string, Set<number>>();
  const unlisted = new Set<string>();

  const noteLook = (segment: Segment, said: Said) => {
    const { sync, claimed, ending } = segment;
    const { shown, path } = said;
    if (shown === null) return;
    const { mode, id } = claimed.sync;
    const all = looks.get(path) ?? [...looksAt(segment, path)];
    looks.set(path, all);
    all.push({
      collection: path,
      syncId: id,
      // A client may have left what nobody knows to be whole.
      isKept: ending === 'ran' && sync.status === 'PROCESSED' && said.worth !== 'doubtful',
      isHint: mode === 'hint',
      modifiedAt: dateOf(said),
      at: said.at,
      members: membersOf(said),
      held: new Set(heldIn(segment, path)),
      images: imagesOf(segment, said),
      isBlank: isBlank(said),
      isEmptying: isEmptying(segment, said),
      names: segment.claimed.evidence.names,
      isBelowHeld: isBelowHeld(segment, said),
      isBack: isBack(segment, said),
    });
    if (all.length > MAX_LOOKS) all.shift();
  };

  const undeny = (path: string) => {
    denied.delete(path);
    surelyDenied.delete(path);
  };
  const add = (to: Map<string, Set<number>>, path: string, syncId: number) =>
    void to.set(path, (to.get(path) ?? new Set()).add(syncId));

  const noteDenials = ({ before, after, claimed, sync, ending, evidence }: Segment) => {
    const isProof = claimed.sync.mode === 'full' && ending === 'ran' && sync.status === 'PROCESSED';
    const look = (path: string, kind: 'image' | 'collection') => {
      const listings = evidence.listings(parent(path)).filter(({ shown }) => shown !== null);
      if (listings.length === 0) return;
      const isDenied = evidence.denials(path, kind).length === listings.length;
      if (!isDenied) undeny(path);
      else if (isProof) {
        add(denied, path, claimed.sync.id);
        if (listings.every(({ worth }) => worth !== 'doubtful')) add(surelyDenied, path, claimed.sync.id);
      }
    };
    for (const { shown, worth } of evidence.answers) {
      if (worth !== 'worthless') for (const member of shown?.members ?? []) undeny(member);
    }
    const collections = new Set<string>();
    const shown = new Set<string>();
    // A search comes first, so that the very sync which shows an image may be the first whose listing is without it.
    for (const [path, { images }] of [...before.known, ...after.known]) {
      if (path !== '') collections.add(path);
      for (const image of images) if (!image.isMissing) shown.add(image.path);
    }
    for (const path of collections) look(path, 'collection');
    for (const path of shown) look(path, 'image');
  };

  const noteUnlisted = ({ evidence, storage, sync, ending }: Segment) => {
    // A sync that is cancelled leaves its space in the state in which it was.
    const isCancelled = sync.status === 'CANCELLED';
    // A client that leaves a listing which nobody knows to be whole counts that as a failure.
    const isAllTaken = ending === 'ran' && sync.status === 'PROCESSED' && sync.counts.failures === 0;
    for (const collection of evidence.listed()) {
      if (evidence.hasFailed(collection)) {
        if (!isCancelled) unlisted.add(collection);
      } else if (isAllTaken || evidence.completeListing(collection) !== null) unlisted.delete(collection);
    }
    for (const path of unlisted) if (!storage.has(path) || storage.isExcluded(path)) unlisted.delete(path);
  };

  return {
    looks: (collection) => looks.get(collection) ?? [],
    deniedIn: (path) => denied.get(path) ?? new Set(),
    surelyDeniedIn: (path) => surelyDenied.get(path) ?? new Set(),
    unlisted,
    note(segment) {
      const { answers } = segment.evidence;
      for (const said of answers) if (said.depth === '1' && said.worth !== 'worthless') noteLook(segment, said);
      noteDenials(segment);
      noteUnlisted(segment);
    },
    forget() {
      looks.clear();
      denied.clear();
      surelyDenied.clear();
      unlisted.clear();
    },
  };
}

/** In whole seconds; null where the answer told none. */
export function dateOf({ shown }: Said): number | null {
  const at = shown?.marker?.modifiedAt;
  return at === undefined ? null : Math.floor(at / 1_000) * 1_000;
}

export type MemberKind = 'image' | 'collection';

/** A file of a folder's name is not that folder, nor the other way round. */
export function keyOf(path: string, kind: MemberKind): string {
  return kind === 'collection' ? `${path}/` : path;
}

export function pathOf(key: string): string {
  return key.endsWith('/') ? key.slice(0, -1) : key;
}

/** What an answer showed, by `keyOf`. */
export function membersOf({ shown }: Said): ReadonlySet<string> {
  return new Set(shown?.members.map((path) => keyOf(path, shown.files.has(path) ? 'image' : 'collection')));
}

/** The images that an answer showed, and not by name alone; by `keyOf`. */
export function imagesOf({ storage }: Segment, { shown, fault }: Said): ReadonlySet<string> {
  const isListed = (path: string) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return isNamedAsImage(path) && !Object.hasOwn(fault.childStatus ?? {}, name) && !storage.isExcluded(path);
  };
  return new Set([...(shown?.files ?? [])].filter(isListed).map((path) => keyOf(path, 'image')));
}

/** The images that are shown, and the collections, that the index knew directly inside before the run; by `keyOf`. */
export function heldIn(segment: Segment, collection: string): string[] {
  const former = formerSpelling(segment, collection);
  const known = segment.before.known.get(former);
  const images = [...(known?.images ?? [])].filter(({ isMissing }) => !isMissing);
  const children = [...(known?.children ?? [])];
  const keys = [
    ...children.map(({ path }) => keyOf(path, 'collection')),
    ...images.map(({ path }) => keyOf(path, 'image')),
  ];
  return keys.map((key) => respelled(key, former, collection));
}

/** What former runs were shown of a collection, also under the spelling that it had before this one; the oldest first. */
export function looksAt(segment: Segment, collection: string): readonly Look[] {
  const former = formerSpelling(segment, collection);
  const looks = segment.memory.looks(former);
  if (former === collection) return looks;
  const all = (keys: ReadonlySet<string>) => new Set([...keys].map((key) => respelled(key, former, collection)));
  return looks.map((look) => ({
    ...look,
    collection,
    members: all(look.members),
    held: all(look.held),
    images: all(look.images),
  }));
}

/** The path that the index had for a collection before the run: another spelling of it where that is known no more. */
function formerSpelling({ before, after }: Segment, collection: string): string {
  if (before.known.has(collection)) return collection;
  const key = (path: string) => spellingKey(Buffer.from(path).toString('latin1'), 'both');
  const isFormer = (path: string) => !after.known.has(path) && key(path) === key(collection);
  return [...before.known.keys()].find(isFormer) ?? collection;
}

function respelled(key: string, former: string, collection: string): string {
  return `${collection}${key.slice(former.length)}`;
}

export function isBlank({ shown, fault }: Said): boolean {
  return shown?.members.length === 0 && fault.impossible === undefined;
}

export function isEmptying(segment: Segment, said: Said): boolean {
  const members = membersOf(said);
  const held = heldIn(segment, said.path);
  return held.length > 0 && held.every((each) => !members.has(each));
}

/** Whether the index holds what a collection contained since its date said that nobody had deleted it. */
export function isHeldByDate({ known }: Snapshot, collection: string): boolean {
  const { emptyInSync = null, isContradicted = false } = known.get(collection) ?? {};
  return emptyInSync !== null && isContradicted;
}

/** Whether an answer lacks anything that was missed with a collection above it, which is still held for its date. */
export function isBelowHeld(segment: Segment, said: Said): boolean {
  const { before, after } = segment;
  const line: string[] = [];
  for (let each: string = said.path; each !== ''; ) {
    each = parent(each);
    line.push(each);
  }
  if (!line.some((each) => isHeldByDate(before, each) && isHeldByDate(after, each))) return false;
  const members = membersOf(said);
  const isMissed = (key: string) =>
    [...before.known.values()].some(({ images }) =>
      [...images].some(({ path, absentInSync }) => {
        const isOfKey = key.endsWith('/') ? path.startsWith(key) : path === key;
        return absentInSync !== null && isOfKey;
      }),
    );
  return heldIn(segment, said.path).some((key) => !members.has(key) && isMissed(key));
}

export function isBack({ before, after }: Segment, said: Said): boolean {
  const members = membersOf(said);
  return [...(before.known.get(said.path)?.images ?? [])].some(({ path, absentInSync }) => {
    if (absentInSync === null || !members.has(path)) return false;
    return JSON.stringify(before.images.get(path)) === JSON.stringify(after.images.get(path));
  });
}

const parent = (path: string): string => parentOf(path as ResourcePath);
