import { OvadexError } from '../../domain/model/errors.js';
import type { ImageSnapshots } from '../../domain/ports/image-catalogue.js';
import { listSql } from '../../sql/list-sql.js';
import type { Database, HeldMoment } from '../connection/database.js';
import { numbered } from '../lists/list-reader.js';
import { findImages, type ImageRow, rowsFor, type ShortRow } from './image-rows.js';
import { readSpace } from './space-rows.js';

/** How many lists are read at once, each over a connection that nobody else has meanwhile, and for how long at most. */
export interface SnapshotBounds {
  readonly maxOpen: number;
  readonly maxAgeMs: number;
}

/** What a client has taken by then is some hundred thousand images, if its line takes 1 Mbit a second. */
const BOUNDS: SnapshotBounds = { maxOpen: 4, maxAgeMs: 10 * 60_000 };

/**
 * Reads lists piece by piece, each by a cursor over a connection of its own. Its transaction keeps the list at one
 * revision, and the server from tidying up after all writers, so a list should be closed soon; one that gets too old
 * is ended, and rejects with OvadexError `unavailable` from then on.
 */
export function createImageSnapshots(db: Database, { maxOpen, maxAgeMs }: SnapshotBounds = BOUNDS): ImageSnapshots {
  let open = 0;

  /** Holds a moment within the bounds. */
  const hold = async () => {
    if (open >= maxOpen) throw new OvadexError('unavailable', `${maxOpen} long lists are already being read`);
    open++;
    let moment: HeldMoment;
    try {
      moment = await db.hold(maxAgeMs);
    } catch (error) {
      open--;
      throw error;
    }
    let isOpen = true;
    const end = () => {
      if (!isOpen) return;
      isOpen = false;
      open--;
      clearTimeout(timer);
      moment.end();
    };
    const timer = setTimeout(end, maxAgeMs).unref();
    return { moment, end, isOpen: () => isOpen };
  };

  return {
    async open(user, query) {
      const { moment, end, isOpen } = await hold();
      try {
        const space = await readSpace(moment, user);
        if (space === null) {
          end();
          return null;
        }
        const { source, order, columnOf } = await findImages(moment, space, query);
        const { sql, parameters } = listSql(source, order, columnOf, { kind: 'all' });
        await moment.run(`DECLARE list NO SCROLL CURSOR FOR ${numbered(sql)}`, parameters);
        const { fromRow } = rowsFor(query);
        return {
          space,
          async next(limit) {
            if (!isOpen()) {
              throw new OvadexError('unavailable', `the list was not read within ${maxAgeMs / 1_000} s`);
            }
            return (await moment.rows<ImageRow & ShortRow>(`FETCH ${limit} FROM list`)).map(fromRow);
          },
          close: end,
        };
      } catch (error) {
        end();
        throw error;
      }
    },
  };
}
