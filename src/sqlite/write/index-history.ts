import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { type HourRecord, hourOf, hoursToDrop, type Stock } from '../../domain/diagnosis/history.js';
import type { IndexHistory } from '../../domain/ports/index-history.js';
import { attempt } from '../file/run-query.js';

/** Spaces summed up at a time, in a few milliseconds. */
const SPACES_AT_ONCE = 5_000;
/**
 * Images whose sizes are read before others have their turn: 45 ms, 90 from a cold disk. For 1,000,000 images it takes 0.16 s
 * of processor time in 1,000 spaces, 0.25 s in one, and next to nothing if no space has changed.
 */
const IMAGES_AT_ONCE = 100_000;

interface HourRow extends Omit<HourRecord, 'stock'> {
  readonly spaces: number | null;
  readonly images: number | null;
  readonly bytes: number | null;
}

/** The sizes of a space's images together, at a revision. */
interface Summed {
  readonly id: number;
  readonly revision: number;
  readonly bytes: number;
}

interface Piece {
  readonly after: number;
  readonly upTo: number;
}

/** Keeps the past of all spaces by hours; the syncs of each are written with their ends, see `createSyncLog`. */
export function createIndexHistory(db: Database, atOnce = IMAGES_AT_ONCE): IndexHistory {
  const statements = prepareStatements(db);
  const readHours = (): HourRecord[] =>
    statements.hours.all().map(({ spaces, images, bytes, ...row }) => {
      const stock = spaces === null || images === null || bytes === null ? null : { spaces, images, bytes };
      return { ...row, stock };
    });
  const writeSums = db.transaction((sums: readonly Summed[]) => {
    for (const sum of sums) statements.writeSum.run(sum);
  });
  const note = db.transaction((now: number, stock: Stock) => {
    statements.note.run({ ...stock, hour: hourOf(now) });
    statements.drop.run(JSON.stringify(hoursToDrop(readHours(), now)));
  });

  /**
   * Sums up the images of a space in pieces, each in an order that its changes don't touch. What is committed meanwhile may be
   * in the sum or not; the space has another revision then, by which it is summed up again an hour later.
   */
  const sumInPieces = async (space: number, signal: AbortSignal) => {
    let [bytes, after] = [0, ''];
    for (;;) {
      const upTo = (await attempt(() => statements.endOfPiece.get({ space, after, skip: atOnce - 1 }))) ?? null;
      bytes += (await attempt(() => statements.sumOfPiece.get({ space, after, upTo }))) ?? 0;
      if (upTo === null || signal.aborted) return bytes;
      after = upTo;
      await setImmediate();
    }
  };

  /** Sums up the images of those spaces that have changed since; only sums are written, so that no commit waits for long. */
  const refresh = async (piece: Piece, signal: AbortSignal) => {
    let sums: Summed[] = [];
    let images = 0;
    for (const { id, revision, images: its } of await attempt(() => statements.changed.all(piece))) {
      const isLarge = its > atOnce;
      const bytes = isLarge ? await sumInPieces(id, signal) : ((await attempt(() => statements.sum.get(id))) ?? 0);
      if (signal.aborted) return;
      sums.push({ id, revision, bytes });
      images += its;
      if (images < atOnce) continue;
      await attempt(() => writeSums.immediate(sums));
      await setImmediate();
      if (signal.aborted) return;
      [sums, images] = [[], 0];
    }
    if (sums.length > 0) await attempt(() => writeSums.immediate(sums));
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

const SHOWN = 'FROM images INDEXED BY images_shown WHERE missing_since IS NULL AND space';
/** Names that are equal are never in two pieces, however many there are. No name is empty. */
export const END_OF_PIECE_SQL = `SELECT name_key ${SHOWN} = :space AND name_key > :after ORDER BY name_key LIMIT 1 OFFSET :skip`;
export const SUM_OF_PIECE_SQL = `SELECT coalesce(sum(size_bytes), 0) ${SHOWN} = :space AND name_key > :after
  AND name_key <= coalesce(:upTo, x'')`;

const TROUBLED = 'SELECT user FROM spaces WHERE is_configured = 1';
/** `stateOf` as conditions, so that an index answers each. */
export const HELD_USERS_SQL = `${TROUBLED} AND held_removals IS NOT NULL AND trouble_kind IS NOT 'unauthorized' ORDER BY user LIMIT ?`;
export const SUSPENDED_USERS_SQL = `${TROUBLED} AND trouble_kind = 'unauthorized' ORDER BY user LIMIT ?`;
export const FAILING_USERS_SQL = `${TROUBLED} AND trouble_kind = 'failed' AND held_removals IS NULL ORDER BY user LIMIT ?`;

function prepareStatements(db: Database) {
  return {
    newest: db.prepare<[], number | null>('SELECT max(id) FROM spaces').pluck(),
    changed: db.prepare<[Piece], { readonly id: number; readonly revision: number; readonly images: number }>(
      `SELECT id, revision, images FROM spaces NOT INDEXED
       WHERE id > :after AND id <= :upTo AND is_configured = 1 AND bytes_revision <> revision`,
    ),
    sum: db.prepare<[number], number>(`SELECT coalesce(sum(size_bytes), 0) ${SHOWN} = ?`).pluck(),
    endOfPiece: db.prepare<[{ space: number; after: string; skip: number }], string>(END_OF_PIECE_SQL).pluck(),
    sumOfPiece: db.prepare<[{ space: number; after: string; upTo: string | null }], number>(SUM_OF_PIECE_SQL).pluck(),
    writeSum: db.prepare<[Summed]>('UPDATE spaces SET bytes_revision = :revision, image_bytes = :bytes WHERE id = :id'),
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
