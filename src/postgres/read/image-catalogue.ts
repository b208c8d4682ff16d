import { compareImages, matchesImage, needsShort } from '../../domain/lists/image-list.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import type { Database, Session } from '../connection/database.js';
import { describedFromRow, IMAGE_COLUMNS, type ImageRow, SHORT_COLUMNS, type ShortRow } from './image-rows.js';
import { SPACE_COLUMNS, type SpaceRow, spaceFromRow } from './space-rows.js';

export function createImageCatalogue(db: Database): ImageCatalogue {
  const spaceNow = async (session: Session, user: string) => {
    const row = await session.row<SpaceRow>(
      `SELECT ${SPACE_COLUMNS} FROM spaces WHERE user_name = $1 AND is_configured`,
      [user],
    );
    return row === undefined ? null : spaceFromRow(row);
  };
  const later = (): never => {
    throw new Error('not written yet');
  };
  return {
    space: (user) => spaceNow(db, user),
    async spacesOf(users) {
      const rows = await db.rows<SpaceRow>(
        `SELECT ${SPACE_COLUMNS} FROM spaces WHERE user_name = ANY($1::text[]) AND is_configured`,
        [users],
      );
      return rows.map(spaceFromRow);
    },
    images: (user, query) =>
      db.read(async (session) => {
        const space = await spaceNow(session, user);
        if (space === null) return null;
        const rows = await session.rows<ImageRow & ShortRow>(
          `SELECT ${IMAGE_COLUMNS}, ${SHORT_COLUMNS} FROM images WHERE space = $1 AND missing_since IS NULL`,
          [space.id],
        );
        const images = rows
          .map(describedFromRow)
          .filter((image) => matchesImage(query, image))
          .sort(compareImages(query.sort))
          .map(({ short, ...image }) => (needsShort(query) ? { ...image, short: short ?? null } : image));
        return { space, images, place: { total: images.length, hasBefore: false, hasAfter: false } };
      }),
    listSpaces: later,
    spaceContext: later,
    image: later,
    description: later,
    changes: later,
    held: later,
    search: later,
  };
}
