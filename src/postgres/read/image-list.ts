import { LRUCache } from 'lru-cache';
import { type ImageQuery, isUnfiltered, type SortKey } from '../../domain/lists/image-list.js';
import type { PagePlace } from '../../domain/lists/page.js';
import type { Space } from '../../domain/model/space.js';
import type { ImageCatalogue, ImageList } from '../../domain/ports/image-catalogue.js';
import { createSpaceCache, isForMemory, isSmall, type KeyedImage } from '../../sql/space-cache.js';
import type { Database, Session } from '../connection/database.js';
import { countList, readList } from '../lists/list-reader.js';
import { findImages, IMAGE_COLUMNS, type ImageRow, imageFromRow, rowsFor, type ShortRow } from './image-rows.js';
import { readSpace } from './space-rows.js';

/** Memory for how long filtered lists are, in characters of their queries: some ten thousand. */
const COUNTED_CHARACTERS = 2 * 1024 * 1024;
/** Of an entry beside its key. */
const ENTRY_CHARACTERS = 100;

const ALL_KEYED_SQL = `SELECT ${IMAGE_COLUMNS}, images.name_key AS key FROM images
  WHERE images.space = $1 AND images.missing_since IS NULL ORDER BY images.name_key, images.name, images.path`;

/** What was read of a list, and how long it is if that was counted. */
interface FoundList {
  readonly list: ImageList;
  readonly counted: number | null;
}

/** Creates the lists of a space's images; their contract is that of `ImageCatalogue`. */
export function createImageLists(db: Database): ImageCatalogue['images'] {
  const cache = createSpaceCache();
  const counts = new LRUCache<string, number>({
    maxSize: COUNTED_CHARACTERS,
    sizeCalculation: (_count, key) => key.length + ENTRY_CHARACTERS,
  });
  const countKey = ({ id, revision }: Space, { nameContains, filter = [] }: ImageQuery) =>
    JSON.stringify([id, revision, nameContains, filter]);

  const fromMemory = (space: Space, query: ImageQuery): ImageList | null => {
    const images = cache.images(space, query);
    return images && { space, images, place: wholePlace(images.length) };
  };

  const find = (session: Session, space: Space, query: ImageQuery, atMost: number) =>
    findList(session, space, query, { atMost, known: counts.get(countKey(space, query)) ?? null });

  /** Reads the space and, under the assumption that it is still what it was, its list at once; null: it isn't. */
  const readAsBefore = async (session: Session, before: Space, query: ImageQuery, atMost: number) => {
    const [space, found] = await Promise.all([readSpace(session, before.user), find(session, before, query, atMost)]);
    const isSame = space?.id === before.id && space.revision === before.revision;
    return { space, found: isSame ? { ...found, list: { ...found.list, space } } : null };
  };

  const read = async (
    session: Session,
    user: string,
    query: ImageQuery,
    atMost: number,
    stamp: number | undefined,
  ): Promise<ImageList | null> => {
    const before = cache.lastSpace(user);
    const mayBeKept = isForMemory(query) && (before === null || isSmall(before));
    const { space, found = null } =
      before === null || mayBeKept
        ? { space: await readSpace(session, user) }
        : await readAsBefore(session, before, query, atMost);
    if (space === null) return null;
    if (stamp !== undefined) cache.keepSpace(stamp, space);
    if (isForMemory(query)) {
      if (cache.isWorthKeeping(space)) cache.keepImages(space, await readKeyed(session, space.id));
      const kept = fromMemory(space, query);
      if (kept !== null) return kept;
    }
    const { list, counted } = found ?? (await find(session, space, query, atMost));
    if (counted !== null) counts.set(countKey(space, query), counted);
    return list;
  };

  return async (user, query, atMost = Number.POSITIVE_INFINITY, stamp) => {
    // Nobody has written since it was read under this stamp.
    const unchanged = stamp === undefined ? null : cache.space(user, stamp);
    const kept = unchanged && fromMemory(unchanged, query);
    // One transaction, so that the revision is that of the rows.
    return kept ?? (await db.read((session) => read(session, user, query, atMost, stamp)));
  };
}

/** Reads a list of the space as it is in this transaction; `known` is how long it is. */
async function findList(
  session: Session,
  space: Space,
  query: ImageQuery,
  { atMost, known }: { readonly atMost: number; readonly known: number | null },
): Promise<FoundList> {
  const list = await findImages(session, space, query);
  let counted = known;
  const total = async () => {
    if (isUnfiltered(query)) return space.images;
    counted ??= await countList(session, list.source);
    return counted;
  };
  if (query.page === undefined && space.images > atMost) {
    const count = await total();
    if (count > atMost) return { list: { space, images: [], place: wholePlace(count) }, counted };
  }
  const { rows, place } = await readList<ImageRow & ShortRow, SortKey>(session, list, query.page, total);
  return { list: { space, images: rows.map(rowsFor(query).fromRow), place }, counted };
}

async function readKeyed(session: Session, spaceId: number): Promise<readonly KeyedImage[]> {
  const rows = await session.rows<ImageRow & { readonly key: string }>(ALL_KEYED_SQL, [spaceId]);
  return rows.map((row): KeyedImage => ({ image: imageFromRow(row), key: row.key }));
}

/** Returns the place of a whole list, which has nothing before or after it. */
function wholePlace(total: number): PagePlace {
  return { total, hasBefore: false, hasAfter: false };
}
