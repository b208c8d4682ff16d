import type { Database } from 'better-sqlite3';
import type { LookSpace } from '../../domain/freshness/look.js';
import { MOST_REQUESTS_OF_A_POLL } from '../../domain/policy/space-plan.js';

/** When spaces are looked at; each call runs in its caller's transaction. */
export interface Looks {
  /** Returns the spaces in order: all of them, or this user's. */
  read(user: string | null): readonly LookSpace[];
  /** Plans looks at spaces that are in order. */
  plan(dueAt: ReadonlyMap<string, number>): void;
}

interface LookRow {
  readonly user: string;
  readonly changes: number;
  readonly spanMs: number;
  readonly cost: number | null;
  readonly lastSuccessAt: number;
  readonly pollDueAt: number | null;
  readonly isPolled: 0 | 1;
}

// `mayBeLookedAt` in SQL; a test compares the two.
const IN_ORDER = 'is_configured = 1 AND trouble_kind IS NULL AND held_removals IS NULL AND last_success_at IS NOT NULL';

export function createLooks(db: Database): Looks {
  const columns = `user, rate_changes AS changes, rate_span_ms AS spanMs, look_cost AS cost,
    last_success_at AS lastSuccessAt, poll_due_at AS pollDueAt,
    (subtree_evidence = 'seen' AND coalesce(unchanged_requests, 0) <= ${MOST_REQUESTS_OF_A_POLL}) AS isPolled`;
  const all = db.prepare<[], LookRow>(`SELECT ${columns} FROM spaces WHERE ${IN_ORDER} ORDER BY user`);
  const one = db.prepare<[string], LookRow>(`SELECT ${columns} FROM spaces WHERE user = ? AND ${IN_ORDER}`);
  const plan = db.prepare<[number, string]>(`UPDATE spaces SET poll_due_at = ? WHERE user = ? AND ${IN_ORDER}`);
  return {
    read: (user) => (user === null ? all.all() : one.all(user)).map(lookFromRow),
    plan(dueAt) {
      for (const [user, at] of dueAt) plan.run(at, user);
    },
  };
}

function lookFromRow({ user, changes, spanMs, cost, lastSuccessAt, pollDueAt, isPolled }: LookRow): LookSpace {
  const rate = { changes, spanMs };
  // An index of before looks were counted: the first one tells.
  return { user, rate, cost: cost ?? 1, lastSuccessAt, pollDueAt, isPolled: isPolled === 1 };
}
