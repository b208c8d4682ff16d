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
