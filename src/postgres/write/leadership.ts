import { OvadexError } from '../../domain/model/errors.js';
import { isInTerm, type KeptLead, leadAfter, NOBODY } from '../../domain/policy/leadership.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Lead, Leadership } from '../../domain/ports/leadership.js';
import type { Database, Session } from '../connection/database.js';

const READ_SQL = 'SELECT holder, term, until FROM leadership';
/** Unless somebody else has written meanwhile: there is one row, so that of two the second finds what the first has written. */
const WRITE_SQL = `INSERT INTO leadership (holder, term, until) VALUES ($1, $2, $3)
  ON CONFLICT (id) DO UPDATE SET holder = EXCLUDED.holder, term = EXCLUDED.term, until = EXCLUDED.until
  WHERE leadership.holder = $4 AND leadership.term = $5 AND leadership.until = $6`;
const RESIGN_SQL = `UPDATE leadership SET holder = '', until = 0 WHERE holder = $1 AND term = $2`;

/**
 * Creates the leadership of the hosts of a database, a row with a lease. A lock of a connection would be held for as long as the
 * connection of a partitioned or stopped host is believed to be good, which is minutes.
 */
export function createLeadership(db: Database, clock: Clock): Leadership {
  return {
    isShared: true,
    async stand(holder, leaseMs) {
      // Two statements, each with a limit of time, in place of a transaction: a host that is cut off has to notice.
      const kept = (await db.row<KeptLead>(READ_SQL)) ?? NOBODY;
      const next = leadAfter(kept, { holder, now: clock(), leaseMs });
      if (next === null) return null;
      const before = [kept.holder, kept.term, kept.until];
      const written = await db.run(WRITE_SQL, [next.holder, next.term, next.until, ...before]);
      return written === 0 ? null : { holder: next.holder, term: next.term };
    },
    async resign({ holder, term }) {
      await db.run(RESIGN_SQL, [holder, term]);
    },
  };
}

/**
 * Makes sure that a lead is not lost before the end of this transaction: whoever would take it waits for that. Rejects with
 * OvadexError `conflict` if it is lost already.
 */
export async function requireLead(session: Session, lead: Lead | null): Promise<void> {
  if (lead === null) return;
  const kept = await session.row<KeptLead>(`${READ_SQL} FOR SHARE`);
  if (kept !== undefined && isInTerm(kept, lead)) return;
  throw new OvadexError('conflict', 'another host leads by now');
}
