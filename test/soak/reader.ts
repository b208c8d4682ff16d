import { compareImages, DEFAULT_SORT } from '../../src/domain/lists/image-list.js';
import { type Image, nameKey } from '../../src/domain/model/image.js';
import type { ResourcePath } from '../../src/domain/model/path.js';
import type { Space } from '../../src/domain/model/space.js';
import type { Sync } from '../../src/domain/model/sync.js';
import { type KnownWhole, readWhole } from '../support/known-whole.js';
import { demand, quoted } from './check/violation.js';
import type { HistoryIndex } from './setting.js';

/** What a reader of the index sees at one moment. */
export interface Shown {
  readonly space: Space;
  /** By path. */
  readonly images: ReadonlyMap<string, Image>;
}

/** Reads a user's space as the API does. Whatever it reads it holds against what it read before. */
export interface Reader {
  look(): Promise<Shown>;
  /** Every collection that the index knows, by path. */
  known(): Promise<ReadonlyMap<string, KnownWhole>>;
  sync(id: number): Promise<Sync>;
  /** Tombstones were forgotten, and their ids with them. */
  forgetIds(): void;
  close(): Promise<void>;
}

const INVARIANT = '3 (readers)';

/** Creates a reader; it closes the index that it is given. */
export function createReader(index: HistoryIndex, user: string): Reader {
  const query = { nameContains: [], sort: DEFAULT_SORT };
  const compare = compareImages(DEFAULT_SORT);
  const ids = new Map<string, number>();
  /** The path that each id was last shown with. */
  const paths = new Map<number, string>();
  let last: { revision: number; text: string } | null = null;
  let spaceId = 0;
  let collections = 0;

  const judge = (space: Space, images: readonly Image[]) => {
    const text = JSON.stringify(images);
    demand(last === null || space.revision >= last.revision, INVARIANT, () => {
      return `the revision went back from ${last?.revision} to ${space.revision}`;
    });
    demand(last === null || space.revision !== last.revision || text === last.text, INVARIANT, () => {
      return `revision ${space.revision} shows two lists:\n  ${last?.text}\n  ${text}`;
    });
    last = { revision: space.revision, text };
    demand(space.images === images.length, INVARIANT, () => {
      return `the space counts ${space.images} images and shows ${images.length}`;
    });
    for (const { id, path } of images) {
      const former = paths.get(id);
      // It went with its folder to another spelling of the name: whatever comes where it was is another image.
      if (former !== undefined && former !== path && nameKey(former) === nameKey(path)) ids.delete(former);
      paths.set(id, path);
    }
    images.forEach((image, i) => {
      const before = images[i - 1];
      demand(before === undefined || compare(before, image) < 0, INVARIANT, () => {
        return `${quoted([before?.path ?? '', image.path])} stand in no order, or tie`;
      });
      const id = ids.get(image.path);
      demand(id === undefined || id === image.id, 'rule 9 (ids)', () => {
        return `${quoted([image.path])} had the id ${id} and now has ${image.id}`;
      });
      ids.set(image.path, image.id);
    });
  };

  return {
    async look() {
      const list = await index.catalogue.images(user, query);
      if (list === null) throw new Error('the space is gone');
      ({ id: spaceId, collections } = list.space);
      judge(list.space, list.images);
      return { space: list.space, images: new Map(list.images.map((image) => [image.path, image])) };
    },
    async known() {
      const all = new Map<string, KnownWhole>();
      const take = async (path: ResourcePath): Promise<void> => {
        const known = await readWhole(index.images, spaceId, path);
        all.set(path, known);
        await Promise.all(known.children.map((child) => take(child.path)));
      };
      await take('' as ResourcePath);
      // A root that was never seen is known as empty, and is no collection of the index.
      if (all.size === 1 && collections === 0) all.clear();
      return all;
    },
    async sync(id) {
      const sync = await index.syncs.find(id);
      if (sync === null) throw new Error(`there is no sync ${id}`);
      return sync;
    },
    forgetIds() {
      ids.clear();
      paths.clear();
    },
    close: () => index.close(),
  };
}
