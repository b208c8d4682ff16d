import { OvadexError } from '../../domain/model/errors.js';
import { isInTerm, type KeptLead, leadAfter, NOBODY } from '../../domain/policy/leadership.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Lead, Leadership } from '../../domain/ports/leadership.js';
import type { Database, Session } from '../connection/database.js';

const READ_SQL = 'SELECT holder, term, until FROM leadership';
/** There is one row; of two who would write the first, the second waits and finds it. */
const WRITE_SQL = `INSERT INTO leadership (holder, term, until) VALUES ($1, $2, $3)
  ON CONFLICT (id) DO UPDATE SET holder = EXCLUDED.holder, term = EXCLUDED.term, until = EXCLUDED.until`;
const CLAIM_SQL = `INSERT INTO leadership (holder, term, until) VALUES ('', 0, 0) ON CONFLICT DO NOTHING`;
const RESIGN_SQL = `UPDATE leadership SET holder = '', until = 0 WHERE holder = $1 AND term = $2`;

/**
 * Creates the leadership of the hosts of a database, a row with a lease. A lock of a connection would be held for as long as the
 * connection of a partitioned or stopped host is believed to be good, which is minutes.
 */
export function createLeadership(db: Database, clock: Clock): Leadership {
  return {
    isShared: true,
    stand: (holder, leaseMs) =>
      db.write(async (session) => {
        let kept = await session.row<KeptLead>(`${READ_SQL} FOR UPDATE`);
        if (kept === undefined) {
          await session.run(CLAIM_SQL);
          kept = await session.row<KeptLead>(`${READ_SQL} FOR UPDATE`);
        }
        // After the wait for the row, so that time which has passed meanwhile counts.
        const next = leadAfter(kept ?? NOBODY, { holder, now: clock(), leaseMs });
        if (next === null) return null;
        await session.run(WRITE_SQL, [next.holder, next.term, next.until]);
        return { holder: next.holder, term: next.term };
      }),
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
