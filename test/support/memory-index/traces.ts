import { compareCodePoints } from '../../../src/domain/lists/order.js';
import { nameKey } from '../../../src/domain/model/image.js';
import { nameOf, parentOf, type ResourcePath, ROOT } from '../../../src/domain/model/path.js';
import { NAMED_PLACES, type PathTraces } from '../../../src/domain/ports/path-traces.js';
import { isShown, type Memory, type MemorySpace } from './state.js';

const NAMED_ELSEWHERE = 5;

export function createMemoryTraces(memory: Memory): PathTraces {
  const named = (space: MemorySpace, name: string) =>
    [...space.images.values()]
      .filter((image) => nameKey(image.name) === nameKey(name))
      .sort((a, b) => compareCodePoints(a.path, b.path));
  const nearestFolder = (space: MemorySpace, path: ResourcePath) => {
    for (let folder = parentOf(path); ; folder = parentOf(folder)) {
      const found = space.collections.get(folder);
      if (found !== undefined) return { path: folder, isListed: found.listedInSync !== null, listedAt: found.listedAt };
      if (folder === ROOT) return null;
    }
  };
  const spaceOf = (id: number) => {
    const space = memory.spaces.get(id);
    if (space === undefined) throw new Error(`no space ${id}`);
    return space;
  };
  return {
    async trace(spaceId, path) {
      const space = spaceOf(spaceId);
      const image = space.images.get(path);
      const ended = memory.syncs
        .ofSpace(spaceId)
        .filter(({ mode, status }) => mode !== 'hint' && (status === 'PROCESSED' || status === 'ERROR'));
      return {
        image:
          image === undefined
            ? null
            : {
                missingSince: image.missingSince,
                absentSince: image.absentInSync === null ? null : (image.absentSince ?? image.updatedAt),
                isSettled: image.isSettled,
              },
        folder: nearestFolder(space, path),
        warnings: ended.at(-1)?.warnings ?? [],
        elsewhere: named(space, nameOf(path))
          .filter((each) => isShown(each) && each.path !== path)
          .map((each) => each.path)
          .slice(0, NAMED_ELSEWHERE),
      };
    },
    async placesOf(spaceId, name) {
      const places = named(spaceOf(spaceId), name);
      const gone = places.filter((each) => !isShown(each));
      gone.sort((a, b) => (b.missingSince ?? 0) - (a.missingSince ?? 0));
      return [...places.filter(isShown), ...gone].map(({ path }) => path).slice(0, NAMED_PLACES);
    },
  };
}
