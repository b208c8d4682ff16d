import { type SortKey, totalOrder } from '../../domain/lists/image-list.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { ImageSnapshots } from '../../domain/ports/image-catalogue.js';
import { textsIn } from '../../sql/image-columns.js';
import { openDatabase } from '../file/database.js';
import { attempt } from '../file/run-query.js';
import { createListReader } from '../lists/list-reader.js';
import { createNameSearch, INDEXED_FROM_IMAGES, LOOKED_UP_SHARE } from '../names/name-search.js';
import { COLUMN_OF_KEY, type ImageRow, imageSource, rowsFor } from './image-rows.js';
import { SPACE_COLUMNS, type SpaceRow, spaceFromRow } from './space-rows.js';

/** A list is read through once; its pages are not needed again. */
const CACHE_KIB = 4 * 1024;
/** Each may keep a whole list in memory for a slow client: with 300,000 images some 60 MB. */
const MAX_OPEN = 4;

/**
 * Reads lists piece by piece, each over a connection of its own: its transaction keeps the list at one revision, and
 * the writer's log from being checkpointed, so a list should be closed soon.
 */
export function createImageSnapshots(file: string): ImageSnapshots {
  let open = 0;
  return {
    async open(user, query) {
      if (open >= MAX_OPEN) throw new OvadexError('unavailable', `${MAX_OPEN} long lists are already being read`);
      return await attempt(() => {
        const db = openDatabase(file, { readonly: true });
        open++;
        const end = () => {
          if (!db.open) return;
          db.close();
          open--;
        };
        try {
          db.pragma(`cache_size = -${CACHE_KIB}`);
          db.exec('BEGIN');
          const row = db
            .prepare<[string], SpaceRow>(`SELECT ${SPACE_COLUMNS} FROM spaces WHERE user = ? AND is_configured = 1`)
            .raw()
            .get(user);
          if (row === undefined) {
            end();
            return null;
          }
          const space = spaceFromRow(row);
          const lists = createListReader(db);
          const texts = textsIn(query.nameContains, query.filter);
          const lookedUp = Math.floor(space.images * LOOKED_UP_SHARE);
          const isIndexed = space.images >= INDEXED_FROM_IMAGES;
          const ids = isIndexed ? createNameSearch(db).candidates(texts, space.id, lookedUp) : null;
          const source = imageSource(space.id, query, ids);
          const rows = lists.each<ImageRow, SortKey>(source, totalOrder(query.sort), COLUMN_OF_KEY);
          const { fromRow } = rowsFor(query);
          return {
            space,
            next: (limit) =>
              attempt(() => {
                const images = [];
                while (images.length < limit) {
                  const { value, done } = rows.next();
                  if (done === true) break;
                  images.push(fromRow(value));
                }
                return images;
              }),
            close() {
              rows.return?.();
              end();
            },
          };
        } catch (error) {
          end();
          throw error;
        }
      });
    },
  };
}
