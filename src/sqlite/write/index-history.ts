import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { type HourRecord, hourOf, hoursToDrop, type Stock } from '../../domain/diagnosis/history.js';
import type { IndexHistory } from '../../domain/ports/index-history.js';
import { attempt } from '../file/run-query.js';

/** Spaces summed up at a time, in a few milliseconds. */
const SPACES_AT_ONCE = 5_000;
/** Images whose sizes are read in one transaction: some 10 ms. A space with more takes longer: 0.1 s for a million. */
const IMAGES_AT_ONCE = 100_000;

interface HourRow extends Omit<HourRecord, 'stock'> {
  readonly spaces: number | null;
  readonly images: number | null;
  readonly bytes: number | null;
}

interface Piece {
  readonly after: number;
  readonly upTo: number;
}

/** Keeps the past of all spaces by hours; the syncs of each are written with their ends, see `createSyncLog`. */
export function createIndexHistory(db: Database): IndexHistory {
  const statements = prepareStatements(db);
  const readHours = (): HourRecord[] =>
    statements.hours.all().map(({ spaces, images, bytes, ...row }) => {
      const stock = spaces === null || images === null || bytes === null ? null : { spaces, images, bytes };
      return { ...row, stock };
    });
  const sumSizes = db.transaction((ids: readonly number[]) => {
    for (const id of ids) statements.sumSizes.run(id);
  });
  const note = db.transaction((now: number, stock: Stock) => {
    statements.note.run({ ...stock, hour: hourOf(now) });
    statements.drop.run(JSON.stringify(hoursToDrop(readHours(), now)));
  });

  /** Sums up the images of those spaces that have changed since they were summed up last. */
  const refresh = async (piece: Piece, signal: AbortSignal) => {
    let ids: number[] = [];
    let images = 0;
    for (const changed of await attempt(() => statements.changed.all(piece))) {
      ids.push(changed.id);
      images += changed.images;
      if (images < IMAGES_AT_ONCE) continue;
      await attempt(() => sumSizes.immediate(ids));
      await setImmediate();
      if (signal.aborted) return;
      [ids, images] = [[], 0];
    }
    if (ids.length > 0) await attempt(() => sumSizes.immediate(ids));
  };

  return {
    async count(now, signal) {
      const total = { spaces: 0, images: 0, bytes: 0 };
      const last = (await attempt(() => statements.newest.get())) ?? 0;
      for (let after = 0; after < last; after += SPACES_AT_ONCE) {
        const piece = { after, upTo: after + SPACES_AT_ONCE };
        await refresh(piece, signal);
        if (signal.aborted) return;
        const part = await attempt(() => statements.stock.get(piece));
        total.spaces += part?.spaces ?? 0;
        total.images += part?.images ?? 0;
        total.bytes += part?.bytes ?? 0;
        await setImmediate();
        if (signal.aborted) return;
      }
      await attempt(() => note.immediate(now, total));
    },
    hours: () => attempt(readHours),
    troubled: (atMost) =>
      attempt(() => ({
        held: statements.held.all(atMost),
        suspended: statements.suspended.all(atMost),
        failing: statements.failing.all(atMost),
      })),
  };
}

const TROUBLED = 'SELECT user FROM spaces WHERE is_configured = 1';
/** `stateOf` as conditions, so that an index answers each. */
export const HELD_USERS_SQL = `${TROUBLED} AND held_removals IS NOT NULL AND trouble_kind IS NOT 'unauthorized' ORDER BY user LIMIT ?`;
export const SUSPENDED_USERS_SQL = `${TROUBLED} AND trouble_kind = 'unauthorized' ORDER BY user LIMIT ?`;
export const FAILING_USERS_SQL = `${TROUBLED} AND trouble_kind = 'failed' AND held_removals IS NULL ORDER BY user LIMIT ?`;

function prepareStatements(db: Database) {
  return {
    newest: db.prepare<[], number | null>('SELECT max(id) FROM spaces').pluck(),
    changed: db.prepare<[Piece], { readonly id: number; readonly images: number }>(
      `SELECT id, images FROM spaces NOT INDEXED
       WHERE id > :after AND id <= :upTo AND is_configured = 1 AND bytes_revision <> revision`,
    ),
    sumSizes: db.prepare<[number]>(
      `UPDATE spaces SET bytes_revision = revision, image_bytes =
         (SELECT coalesce(sum(size_bytes), 0) FROM images INDEXED BY images_shown
          WHERE space = spaces.id AND missing_since IS NULL)
       WHERE id = ?`,
    ),
    stock: db.prepare<[Piece], Stock>(
      `SELECT count(*) AS spaces, coalesce(sum(images), 0) AS images, coalesce(sum(image_bytes), 0) AS bytes
       FROM spaces NOT INDEXED WHERE id > :after AND id <= :upTo AND is_configured = 1`,
    ),
    note: db.prepare<[Stock & { readonly hour: number }]>(
      `INSERT INTO hours (hour, spaces, images, bytes) VALUES (:hour, :spaces, :images, :bytes)
       ON CONFLICT (hour) DO UPDATE SET spaces = excluded.spaces, images = excluded.images, bytes = excluded.bytes`,
    ),
    hours: db.prepare<[], HourRow>(
      'SELECT hour, syncs, failed, added, removed, spaces, images, bytes FROM hours ORDER BY hour',
    ),
    drop: db.prepare<[string]>('DELETE FROM hours WHERE hour IN (SELECT value FROM json_each(?))'),
    held: db.prepare<[number], string>(HELD_USERS_SQL).pluck(),
    suspended: db.prepare<[number], string>(SUSPENDED_USERS_SQL).pluck(),
    failing: db.prepare<[number], string>(FAILING_USERS_SQL).pluck(),
  };
}
