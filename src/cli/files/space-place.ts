import type { DateHabit } from '../../domain/description/date-habit.js';
import { nameOfWhole } from '../../domain/description/href.js';
import { pathInSpace } from '../../domain/description/path-in-space.js';
import { readError } from '../../domain/description/read-error.js';
import type { RangeSource } from '../../domain/description/reading.js';
import { whyAnother } from '../../domain/description/seen-again.js';
import { FileChanged, OvadexError } from '../../domain/model/errors.js';
import { isImageName, type ListedFile } from '../../domain/model/image.js';
import { isSaidToBeGone, type Listing } from '../../domain/model/listing.js';
import { nameOf, parentOf, type ResourcePath, ROOT } from '../../domain/model/path.js';
import type { ReadableStore } from '../../domain/ports/remote-store.js';
import { mayGrow } from '../../domain/reconcile/settled.js';
import type { ImagePlace } from './image-place.js';

/**
 * Storages may date a file in answers otherwise than in listings, or anew with each answer. The listing is moments old
 * here, so nothing but the size is taken from it; from the first answer on the file has to stay the same.
 */
const HABITS: readonly DateHabit[] = [{ kind: 'of-the-answer' }];
const listedWith = (sizeBytes: number | null): ListedFile => ({ sizeBytes, etag: null, modifiedAt: null });

const NOT_SHOWN = 'it was read, but the storage no longer shows whether it is the same: try again';

export type AskedStore = Pick<ReadableStore, 'list' | 'read' | 'download'>;

/**
 * The files of a space. A folder is listed once for all files of it that are named one after another. Once the storage
 * has refused the credentials, it is not asked again: storages lock accounts after a few refusals.
 */
export function spacePlace(store: AskedStore, signal: AbortSignal): ImagePlace {
  let last: Listing | null = null;
  let refusal: OvadexError | null = null;

  const listingOf = async (path: ResourcePath, isAgain = false): Promise<Listing> => {
    if (refusal !== null) throw refusal;
    const folder = parentOf(path);
    if (isAgain || last?.collection !== folder) last = await store.list(folder, signal);
    const { verdict } = last;
    if (verdict.complete) return last;
    if (folder !== ROOT && (verdict.failure === 'not-found' || verdict.failure === 'no-collection')) {
      if (isAgain) throw new FileChanged('it is gone with its folder');
      throw new OvadexError('not-found', 'there is no such folder in the space');
    }
    const error = new OvadexError('storage', verdict.detail);
    if (verdict.failure === 'unauthorized') refusal = error;
    throw error;
  };

  /** A file of which the listing told nothing can't be compared with a later one. */
  const requiringSame = (path: ResourcePath, { files }: Listing) => {
    const before = files?.get(path);
    return async () => {
      if (before === undefined) return;
      const { files, guarded } = await listingOf(path, true);
      const unknown = guarded.find((each) => each.path === path && !isSaidToBeGone(each));
      if (unknown !== undefined) throw new OvadexError('storage', NOT_SHOWN);
      const why = whyAnother(before, files?.get(path));
      if (why !== null) throw new FileChanged(why);
    };
  };

  const noting = (source: RangeSource): RangeSource => ({
    ...source,
    async read(from, end) {
      if (refusal !== null) throw refusal;
      const answer = await source.read(from, end);
      if (answer.kind === 'failed' && answer.failure === 'unauthorized') refusal = readError(answer);
      return answer;
    },
  });
  const streamOf = (path: ResourcePath, sizeBytes: number | null) => async () =>
    noting(store.download(path, listedWith(sizeBytes), signal, HABITS));

  return {
    async open(file) {
      const path = pathOf(file);
      const name = nameOf(path);
      const listing = await listingOf(path);
      const { images, collections, guarded, siblings, askedAt } = listing;
      if (collections.some((each) => each.path === path)) throw new OvadexError('not-found', 'is a folder');
      const image = images.find((each) => each.path === path);
      const sibling = siblings?.find((each) => each.name === name);
      const isGuarded = guarded.some((each) => each.path === path && !isSaidToBeGone(each));
      // A listing tells of files that are no images only beside an .ovf.
      const mayBeThere = image !== undefined || sibling !== undefined || isGuarded;
      if (!mayBeThere && (isImageName(name) || siblings !== null)) {
        throw new OvadexError('not-found', 'there is no such file in the space');
      }
      const sizeBytes = image?.sizeBytes ?? sibling?.sizeBytes ?? null;
      return {
        name,
        sizeBytes,
        isSettled: !mayGrow(image?.modifiedAt ?? null, askedAt),
        parts: async () => noting(store.read(path, listedWith(sizeBytes), signal, HABITS)),
        stream: streamOf(path, sizeBytes),
        requireSame: requiringSame(path, listing),
      };
    },
    async beside(file, wanted) {
      const path = pathOf(file);
      const listing = await listingOf(path);
      const folder = parentOf(path);
      const isWanted = (name: string) => wanted === undefined || wanted.has(name) || wanted.has(nameOfWhole(name));
      return (
        listing.siblings
          ?.filter(({ name }) => isWanted(name))
          .map(({ name, sizeBytes }) => {
            const at = (folder === ROOT ? name : `${folder}/${name}`) as ResourcePath;
            return { name, sizeBytes, stream: streamOf(at, sizeBytes), requireSame: requiringSame(at, listing) };
          }) ?? null
      );
    },
    close: async () => undefined,
  };
}

/** Throws OvadexError `usage` for what is no path in a space. */
export function pathOf(given: string): ResourcePath {
  const found = pathInSpace(given);
  if (found.kind === 'refused') throw new OvadexError('usage', found.why);
  return found.path;
}
