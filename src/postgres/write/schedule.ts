import type { ChangeRate } from '../../domain/freshness/change-rate.js';
import type { LookSpace } from '../../domain/freshness/look.js';
import { MOST_REQUESTS_OF_A_POLL, type Round } from '../../domain/policy/space-plan.js';
import type { Session } from '../connection/database.js';

/** `mayBeLookedAt` in SQL. */
const IN_ORDER = 'is_configured AND trouble_kind IS NULL AND held_removals IS NULL AND last_success_at IS NOT NULL';
const IS_CHEAP = `subtree_evidence = 'seen' AND coalesce(unchanged_requests, 0) <= ${MOST_REQUESTS_OF_A_POLL}`;

const LOOKS = `SELECT user_name AS "user", rate_changes AS changes, rate_span_ms AS "spanMs", coalesce(look_cost, 1) AS cost,
    last_success_at AS "lastSuccessAt", poll_due_at AS "pollDueAt", (${IS_CHEAP}) AS "isPolled"
  FROM spaces WHERE ${IN_ORDER}`;

/** Locks rows in the order in which others lock more than one. */
const scheduleSql = (column: string, condition: string) => `WITH planned AS MATERIALIZED (
    SELECT spaces.id, wanted.at FROM unnest($1::text[], $2::bigint[]) AS wanted (user_name, at)
      JOIN spaces ON spaces.user_name = wanted.user_name
    WHERE is_configured AND ${condition} ORDER BY spaces.id FOR NO KEY UPDATE OF spaces)
  UPDATE spaces SET ${column} = planned.at FROM planned WHERE spaces.id = planned.id`;
const earlier = (column: string) => `(spaces.${column} IS NULL OR spaces.${column} > wanted.at)`;

/** `scheduled` in SQL. */
const SCHEDULE_SQL: Readonly<Record<Round, string>> = {
  incremental: scheduleSql('due_at', earlier('due_at')),
  full: scheduleSql('full_due_at', earlier('full_due_at')),
  poll: scheduleSql(
    'poll_due_at',
    `${earlier('poll_due_at')} AND ${IS_CHEAP} AND trouble_kind IS NULL AND held_removals IS NULL`,
  ),
  look: scheduleSql('poll_due_at', IN_ORDER),
};

/** Sets when spaces are due next, as `SpaceRegistry` says. */
export async function schedule(session: Session, round: Round, dueAt: ReadonlyMap<string, number>): Promise<void> {
  if (dueAt.size > 0) await session.run(SCHEDULE_SQL[round], [[...dueAt.keys()], [...dueAt.values()]]);
}

interface LookRow extends Omit<LookSpace, 'rate'>, ChangeRate {}

/** Returns the spaces in order that have been looked at: all of them, or this user's. */
export async function readLooks(session: Session, user: string | null): Promise<readonly LookSpace[]> {
  const rows = await (user === null
    ? session.rows<LookRow>(`${LOOKS} ORDER BY user_name`)
    : session.rows<LookRow>(`${LOOKS} AND user_name = $1`, [user]));
  return rows.map(({ changes, spanMs, ...rest }) => ({ ...rest, rate: { changes, spanMs } }));
}
