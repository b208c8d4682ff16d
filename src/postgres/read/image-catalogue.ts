import { orderOf } from '../../domain/lists/list-grammar.js';
import { SPACE_LIST, type SpaceKey, type SpaceQuery } from '../../domain/lists/space-list.js';
import type { ImageCatalogue, SpaceList } from '../../domain/ports/image-catalogue.js';
import { isStorable } from '../../sql/filter-sql.js';
import { spaceKeys, spaceSource } from '../../sql/space-list.js';
import type { Database, Session } from '../connection/database.js';
import { POSTGRES } from '../lists/dialect.js';
import { readList } from '../lists/list-reader.js';
import { listHeld } from './held-list.js';
import { readDescription } from './image-description.js';
import { createImageLists } from './image-list.js';
import { IMAGE_COLUMNS, type ImageRow, imageFromRow } from './image-rows.js';
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
    spaceContext: (spaces) => db.read((session) => readSpaceContext(session, spaces)),
    listSpaces: (query = { sort: SPACE_LIST.byDefault }) => db.read((session) => listSpaces(session, query)),
    images: createImageLists(db),
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
