import { OvadexError } from '../../domain/model/errors.js';
import type { SyncMode } from '../../domain/model/sync.js';
import type { Lease } from '../../domain/ports/sync-log.js';
import type { Session } from '../connection/database.js';

/** A space whose row is locked by the transaction that writes to it. */
export interface HeldSpace {
  readonly id: number;
  /** The revision with which the transaction began. */
  readonly revision: number;
  readonly syncId: number;
  readonly mode: SyncMode;
}

/**
 * Locks a space's row until the transaction ends, and makes sure that the lease is held: two crawlers that both believe to
 * hold it come one after the other, and whoever takes it over waits for a commit that has begun. Rejects with OvadexError
 * `conflict` if it isn't held, or if the sync has ended.
 */
export async function lockHeld(session: Session, { syncId, spaceId, owner }: Lease): Promise<HeldSpace> {
  const space = await session.row<{ revision: number }>(
    `SELECT revision FROM spaces WHERE id = $1 AND lease_owner = $2 AND lease_sync = $3 FOR NO KEY UPDATE`,
    [spaceId, owner, syncId],
  );
  // Only a statement of its own sees what the sync has become while the lock was waited for.
  const sync = await session.row<{ mode: SyncMode }>(
    `SELECT mode FROM syncs WHERE id = $1 AND status = 'IN_PROGRESS'`,
    [syncId],
  );
  if (space !== undefined && sync !== undefined) return { id: spaceId, syncId, ...space, ...sync };
  throw new OvadexError('conflict', `sync ${syncId} has ended or lost its lease; nothing more of it is written`);
}

/** Most commits take a fraction of it, and need no statement more. */
const LONG_MS = 1_000;

/**
 * Gives a lease the time back that a transaction has taken until now, in whole seconds. Whoever holds it can't renew it while
 * its own commit has the row, and else another crawler, which waits for the row, would have the space right after it.
 */
export async function prolong(session: Session, { id }: Pick<HeldSpace, 'id'>, tookMs: number): Promise<void> {
  if (tookMs < LONG_MS) return;
  await session.run(
    `UPDATE spaces SET lease_until = lease_until + ${wholeSecondsSince('transaction_timestamp()')} WHERE id = $1`,
    [id],
  );
}

/** Returns, as SQL, how much time has passed since then, in ms: whole seconds, as fractions of one are neither here nor there. */
export function wholeSecondsSince(moment: 'transaction_timestamp()' | 'statement_timestamp()'): string {
  return `1000 * floor(extract(epoch FROM clock_timestamp() - ${moment}))::bigint`;
}
