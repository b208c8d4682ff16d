import { type ImageQuery, isUnfiltered } from '../../domain/lists/image-list.js';
import { orderOf } from '../../domain/lists/list-grammar.js';
import { SPACE_LIST, type SpaceKey, type SpaceQuery } from '../../domain/lists/space-list.js';
import type { ImageCatalogue, ImageList, SpaceList } from '../../domain/ports/image-catalogue.js';
import { isStorable } from '../../sql/filter-sql.js';
import { spaceKeys, spaceSource } from '../../sql/space-list.js';
import type { Database, Session } from '../connection/database.js';
import { POSTGRES } from '../lists/dialect.js';
import { countList, readList } from '../lists/list-reader.js';
import { listHeld } from './held-list.js';
import { readDescription } from './image-description.js';
import { findImages, IMAGE_COLUMNS, type ImageRow, imageFromRow, rowsFor, type ShortRow } from './image-rows.js';
import { searchImages } from './image-search.js';
import { listChanges } from './list-changes.js';
import { readSpaceContext } from './space-context.js';
import { readSpace, readSpaces, SPACE_COLUMNS, type SpaceRow, spaceFromRow } from './space-rows.js';

const SPACE_KEY_COLUMNS = spaceKeys(POSTGRES);

/** Creates the readers' view of the configured spaces. Rejects with OvadexError `index`. */
export function createImageCatalogue(db: Database): ImageCatalogue {
  return {
    space: (user) => readSpace(db, user),
    spacesOf: (users) => readSpaces(db, users),
    spaceContext: () => db.read(readSpaceContext),
    listSpaces: (query = { sort: SPACE_LIST.byDefault }) => db.read((session) => listSpaces(session, query)),
    // One transaction, so that the revision is that of the rows.
    images: (user, query, atMost = Number.POSITIVE_INFINITY) =>
      db.read((session) => listImages(session, user, query, atMost)),
    async image(user, id) {
      if (!isStorable(user)) return null;
      const row = await db.row<ImageRow>(
        `SELECT ${IMAGE_COLUMNS} FROM images JOIN spaces ON spaces.id = images.space
         WHERE images.id = $1 AND images.missing_since IS NULL AND spaces.user_name = $2 AND spaces.is_configured`,
        [id, user],
      );
      return row === undefined ? null : imageFromRow(row);
    },
    description: (user, id) => readDescription(db, user, id),
    changes: (user, query) => db.read(async (session) => listChanges(session, await readSpace(session, user), query)),
    held: (user, query) =>
      db.read(async (session) => {
        const space = await readSpace(session, user);
        return space && { space, ...(await listHeld(session, space.id, query)) };
      }),
    search: (query) => db.read((session) => searchImages(session, query)),
  };
}

async function listSpaces(session: Session, query: SpaceQuery): Promise<SpaceList> {
  const source = spaceSource(POSTGRES, SPACE_COLUMNS, query);
  const list = { source, order: orderOf(SPACE_LIST, query.sort), columnOf: SPACE_KEY_COLUMNS };
  const { rows, place } = await readList<SpaceRow, SpaceKey>(session, list, query.page);
  return { spaces: rows.map(spaceFromRow), place };
}

async function listImages(
  session: Session,
  user: string,
  query: ImageQuery,
  atMost: number,
): Promise<ImageList | null> {
  const space = await readSpace(session, user);
  if (space === null) return null;
  const list = await findImages(session, space, query);
  const total = async () => (isUnfiltered(query) ? space.images : await countList(session, list.source));
  if (query.page === undefined && space.images > atMost) {
    const count = await total();
    if (count > atMost) return { space, images: [], place: { total: count, hasBefore: false, hasAfter: false } };
  }
  const { rows, place } = await readList<ImageRow & ShortRow, keyof typeof list.columnOf>(
    session,
    list,
    query.page,
    total,
  );
  return { space, images: rows.map(rowsFor(query).fromRow), place };
}
