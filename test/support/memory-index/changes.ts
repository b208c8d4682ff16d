import { randomBytes } from 'node:crypto';
import type { DescribedImage } from '../../../src/domain/description/short-description.js';
import {
  type ChangesFrom,
  changesFrom,
  endOfHistory,
  type GoneReason,
  pointAfter,
} from '../../../src/domain/lists/change-point.js';
import type { ChangesQuery, ListChanges, RunLog } from '../../../src/domain/ports/image-changes.js';
import { isShown, type Memory, type MemoryImage, type MemorySpace, toSpace } from './state.js';

const newKey = () => randomBytes(6).toString('hex');

/** The runs of an index that was just created. */
export const newRuns = (): Memory['runs'] => ({ keys: [newKey()], isOpen: true });

export function createMemoryRuns(memory: Memory): RunLog {
  return {
    begin: async () => {
      const { keys, isOpen } = memory.runs;
      memory.runs = { keys: [...(isOpen ? [] : keys), newKey()], isOpen: true };
    },
    end: async () => {
      memory.runs.isOpen = false;
    },
  };
}

/** Returns the images of a space in the order of their changes, from a place on. */
export function changesOf(space: MemorySpace, { revision, after, removedAfter }: ChangesFrom): readonly MemoryImage[] {
  return [...space.images.values()]
    .filter(({ id, changedIn }) => changedIn > revision || (changedIn === revision && id > after))
    .filter((image) => isShown(image) || image.changedIn > removedAfter)
    .sort((a, b) => a.changedIn - b.changedIn || a.id - b.id);
}

/** Tells the changes of a space, by reading all of its images. */
export function memoryChanges(
  { runs }: Memory,
  space: MemorySpace | null,
  { since, limit }: ChangesQuery,
  toImage: (space: MemorySpace, image: MemoryImage) => DescribedImage,
): ListChanges | { readonly gone: GoneReason } {
  const history = {
    run: runs.keys.at(-1) ?? '',
    hasRun: (run: string) => runs.keys.includes(run),
    space: space?.id ?? 0,
    revision: space?.revision ?? 0,
    forgotten: space?.forgottenIn ?? 0,
  };
  const from = changesFrom(since, history);
  if (typeof from === 'string') return { gone: from };
  if (space === null) return { space, changed: [], removed: [], next: endOfHistory(history), hasMore: false };
  const news = changesOf(space, from);
  const told = news.slice(0, limit);
  const last = told.at(-1);
  const hasMore = news.length > limit;
  return {
    space: toSpace(space),
    changed: told.filter(isShown).map((image) => toImage(space, image)),
    removed: told.flatMap(({ id, path, missingSince }) =>
      missingSince === null ? [] : [{ id, path, removedAt: missingSince }],
    ),
    next:
      hasMore && last !== undefined
        ? pointAfter(history, from, { id: last.id, revision: last.changedIn })
        : endOfHistory(history),
    hasMore,
  };
}

/**
 * Notes which images readers see otherwise than before a change. Call it before the change, and what it returns once the
 * revision of the space is raised.
 */
export function noteChanges(
  space: MemorySpace,
  toImage: (space: MemorySpace, image: MemoryImage) => DescribedImage,
): () => void {
  const seen = (image: MemoryImage) => (isShown(image) ? JSON.stringify(toImage(space, image)) : 'gone');
  const before = new Map([...space.images.values()].map((image) => [image.id, seen(image)]));
  return () => {
    for (const image of space.images.values()) {
      if (before.get(image.id) !== seen(image)) image.changedIn = space.revision;
    }
  };
}
