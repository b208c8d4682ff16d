import type { Database } from 'better-sqlite3';
import { countImages, noImages } from '../../domain/description/image-counts.js';
import { judgeState } from '../../domain/description/image-state.js';
import { READER, type Reading, type ReadingCost } from '../../domain/description/reading.js';
import { shortOf } from '../../domain/description/short-description.js';
import { isDescriptorName } from '../../domain/model/image.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { DescriptionStore, ImageToRead } from '../../domain/ports/description-store.js';
import { numberOfState, stateFrom } from '../../sql/image-states.js';
import { siblingsFromText } from '../../sql/siblings.js';
import { attempt } from '../file/run-query.js';
import { countColumns } from '../read/image-counts.js';
import { type ShortRow, shortToRow } from '../read/short-rows.js';
import { prepareDescriptions } from './description-statements.js';

interface StoreOptions {
  readonly clock?: Clock;
  /** Called after each reading that was stored. */
  readonly onCommit?: (() => void) | undefined;
  /** The number of the rules by which images are read. */
  readonly reader?: number;
}

/** Creates the store of what images are. Rejects with OvadexError `index`. */
export function createDescriptionStore(
  db: Database,
  { clock = Date.now, onCommit = () => undefined, reader = READER }: StoreOptions = {},
): DescriptionStore {
  const statements = prepareDescriptions(db);
  const olderReaders = Array.from({ length: reader - 1 }, (_, before) => before + 1);
  const older = JSON.stringify(olderReaders);

  const findToRead = db.transaction((spaceId: number, limit: number) => {
    const revision = statements.mayBeUnread.get(spaceId);
    const unread = revision === undefined ? [] : statements.unread.all(spaceId, limit);
    const rest = limit - unread.length;
    const images = rest === 0 ? unread : [...unread, ...statements.readBefore.all(older, spaceId, rest)];
    return { images, allReadAt: unread.length === 0 && limit > 0 ? revision : undefined };
  });
  const toRead = (spaceId: number, limit: number): readonly ImageToRead[] => {
    const { images, allReadAt } = findToRead.deferred(spaceId, limit);
    // Apart, so that nobody waits for the search: a commit of anybody in between has raised the revision.
    if (allReadAt !== undefined) statements.noteAllRead.run(spaceId, allReadAt);
    return images;
  };

  // From space to space, so that it takes no longer for having a million images in one.
  const spacesToRead = db.transaction((): readonly number[] => [
    ...statements.maybeUnread.all(),
    ...olderReaders.flatMap((before) => [...walk((after) => statements.nextReadBy.get(before, after))]),
  ]);

  const storeOne = db.transaction((spaceId: number, image: ImageToRead, reading: Reading, cost: ReadingCost) => {
    const { id, path, sizeBytes, etag, modifiedAt } = image;
    const found = statements.find.get({ id, spaceId, path, sizeBytes, etag, modifiedAt });
    if (found === undefined) return false;
    const [name, isSettled, siblings, stateBefore, ...before] = found;
    const { state } = judgeState({ name, isSettled: true }, reading, siblingsFromText(siblings));
    const short = shortToRow(shortOf(reading));
    const number = numberOfState(state);
    statements.describe.run(number, ...short, id);
    const now = clock();
    statements.keep.run(id, spaceId, reader, cost.requests, cost.bytes, now, JSON.stringify(reading));
    statements.countBytes.run(cost.bytes, spaceId);
    if (state === 'incomplete' && isDescriptorName(name)) statements.forgetSearched.run(spaceId);
    const [shownBefore, shown] = [stateFrom(isSettled, stateBefore), stateFrom(isSettled, number)];
    if (shownBefore === shown && isSameShort(before, short)) return true;
    const counts = noImages();
    countImages(counts, shownBefore, -1);
    countImages(counts, shown, 1);
    const revision = statements.raise.get(now, ...countColumns(counts), spaceId);
    if (revision !== undefined) statements.noteChanged.run(revision, id);
    return true;
  });

  return {
    toRead: (spaceId, limit) => attempt(() => toRead(spaceId, limit)),
    spacesToRead: (spaceIds) =>
      attempt(() => {
        const asked = new Set(spaceIds);
        return new Set(spacesToRead.deferred().filter((id) => asked.has(id)));
      }),
    store: (spaceId, image, reading, cost) =>
      attempt(() => {
        const isStored = storeOne.immediate(spaceId, image, reading, cost);
        if (isStored) onCommit();
        return isStored;
      }),
  };
}

/** Yields numbers in ascending order, each the next after the one before. */
function* walk(next: (after: number) => number | undefined): Generator<number> {
  for (let found = next(0); found !== undefined; found = next(found)) yield found;
}

function isSameShort(a: ShortRow, b: ShortRow): boolean {
  return a.every((value, at) => value === b[at]);
}
