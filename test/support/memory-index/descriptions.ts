import { READER } from '../../../src/domain/description/reading.js';
import { shortOf } from '../../../src/domain/description/short-description.js';
import { isDescriptorName } from '../../../src/domain/model/image.js';
import type { DescriptionStore } from '../../../src/domain/ports/description-store.js';
import { isAltered } from '../../../src/domain/reconcile/compare-images.js';
import { isShown, judge, type Memory, type MemoryImage, type MemorySpace, shownImages } from './state.js';

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
      space.readBytes += cost.bytes;
      found.read = { reader, reading, cost, readAt: memory.clock() };
      if (judge(space, found).state === 'incomplete' && isDescriptorName(found.name)) {
        space.record = { ...space.record, search: { ...space.record.search, searchedMarker: null } };
      }
      if (seenOf(space, found) === before) return true;
      space.revision += 1;
      space.changedAt = memory.clock();
      found.changedIn = space.revision;
      return true;
    },
  };
}

/** What lists show of a reading. */
function seenOf(space: MemorySpace, image: MemoryImage): string {
  const short = image.read === null ? null : shortOf(image.read.reading);
  return JSON.stringify([judge(space, image).state, short]);
}

function newestFirst(a: MemoryImage, b: MemoryImage): number {
  return (b.modifiedAt ?? -1) - (a.modifiedAt ?? -1) || b.id - a.id;
}
