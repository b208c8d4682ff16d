import { judgeState } from '../../../src/domain/description/image-state.js';
import { READER } from '../../../src/domain/description/reading.js';
import { shortOf } from '../../../src/domain/description/short-description.js';
import { parentOf } from '../../../src/domain/model/path.js';
import type { DescriptionStore } from '../../../src/domain/ports/description-store.js';
import { isAltered } from '../../../src/domain/reconcile/compare-images.js';
import { isShown, type Memory, type MemoryImage, type MemorySpace, shownImages } from './state.js';

export function createMemoryDescriptions(memory: Memory, reader: number = READER): DescriptionStore {
  const settledIn = (space: MemorySpace | undefined) =>
    space === undefined ? [] : shownImages(space).filter(({ isSettled }) => isSettled);
  const unreadIn = (space: MemorySpace | undefined) =>
    settledIn(space)
      .filter(({ read }) => read === null)
      .sort(newestFirst);
  const readBeforeIn = (space: MemorySpace | undefined) =>
    settledIn(space).filter(({ read }) => read !== null && read.reader < reader);

  return {
    async toRead(spaceId, limit) {
      const space = memory.spaces.get(spaceId);
      const unread = space?.mayBeUnread === true ? unreadIn(space) : [];
      if (space !== undefined && unread.length === 0) space.mayBeUnread = false;
      return [...unread, ...readBeforeIn(space)]
        .slice(0, limit)
        .map(({ id, path, sizeBytes, etag, modifiedAt }) => ({ id, path, sizeBytes, etag, modifiedAt }));
    },
    spacesToRead: async (spaceIds) => {
      const mayWait = (space: MemorySpace) =>
        (space.mayBeUnread && shownImages(space).length > 0) || readBeforeIn(space).length > 0;
      return new Set(
        [...memory.spaces.values()].filter(mayWait).flatMap(({ id }) => (spaceIds.includes(id) ? id : [])),
      );
    },
    store: async (spaceId, image, reading, cost) => {
      const space = memory.spaces.get(spaceId);
      const found = space?.images.get(image.path);
      if (space === undefined || found?.id !== image.id || !isShown(found) || isAltered(image, found)) return false;
      const before = seenOf(space, found);
      found.read = { reader, reading, cost, readAt: memory.clock() };
      if (seenOf(space, found) === before) return true;
      space.revision += 1;
      space.changedAt = memory.clock();
      found.changedIn = space.revision;
      return true;
    },
    counts: async (spaceId) => {
      const space = memory.spaces.get(spaceId);
      const shown = space === undefined ? [] : shownImages(space);
      const read = [...(space?.images.values() ?? [])].flatMap((image) => image.read ?? []);
      return {
        described: shown.filter((image) => image.read !== null).length,
        waiting: unreadIn(space).length + readBeforeIn(space).length,
        broken: shown.filter((image) => space !== undefined && judge(space, image).state === 'broken').length,
        bytesRead: read.reduce((sum, { cost }) => sum + cost.bytes, 0),
      };
    },
  };
}

/** Judges an image as it is now. */
export function judge(space: MemorySpace, { name, path, isSettled, read }: MemoryImage) {
  const siblings = space.collections.get(parentOf(path))?.siblings ?? null;
  return judgeState({ name, isSettled }, read?.reading ?? null, siblings);
}

/** What lists show of a reading. */
function seenOf(space: MemorySpace, image: MemoryImage): string {
  const short = image.read === null ? null : shortOf(image.read.reading);
  return JSON.stringify([judge(space, image).state, short]);
}

function newestFirst(a: MemoryImage, b: MemoryImage): number {
  return (b.modifiedAt ?? -1) - (a.modifiedAt ?? -1) || b.id - a.id;
}
