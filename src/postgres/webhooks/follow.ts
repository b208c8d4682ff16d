import type { WebhookStore } from '../../domain/ports/webhook-store.js';
import { presentOf } from '../../domain/webhooks/next-message.js';
import type { Session } from '../connection/database.js';
import { SPACE_COLUMNS, type SpaceRow, spaceFromRow } from '../read/space-rows.js';
import { placeValues, RETRY } from './webhook-statements.js';

type Followed = Parameters<WebhookStore['follow']>[0][number];

/** Takes in webhooks, one host at a time; runs in its caller's transaction. */
export async function follow(session: Session, hooks: readonly Followed[]): Promise<void> {
  await session.run('LOCK TABLE webhooks IN SHARE ROW EXCLUSIVE MODE');
  for (const hook of hooks) await followOne(session, hook);
}

async function followOne(session: Session, hook: Followed): Promise<void> {
  const users = hook.users === null ? null : JSON.stringify(hook.users);
  const before = await session.row<{ users: string | null; target: string; epoch: number }>(
    'SELECT users::text, target, epoch FROM webhooks WHERE name = $1',
    [hook.name],
  );
  await session.run(
    `INSERT INTO webhooks (name, users, target) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET users = excluded.users, target = excluded.target`,
    [hook.name, users, hook.target],
  );
  if (before !== undefined && before.target !== hook.target) await session.run(RETRY, [hook.name, null]);
  if (before === undefined || before.users !== users) await beginAtPresent(session, hook, before?.epoch ?? 0);
}

/**
 * Begins with all spaces that are known and not followed yet. The last image of each is its own: one with a larger id
 * than that may be committed already in another space while a smaller one still is to be committed in this.
 */
async function beginAtPresent(session: Session, { name, users }: Followed, epoch: number): Promise<void> {
  const rows = await session.rows<SpaceRow & { last_id: number }>(
    `SELECT ${SPACE_COLUMNS}, coalesce(seen.last_id, 0) AS last_id
     FROM spaces LEFT JOIN
       (SELECT space, max(id) AS last_id FROM images
        WHERE $2::text[] IS NULL OR space IN (SELECT id FROM spaces WHERE user_name = ANY ($2))
        GROUP BY space) AS seen ON seen.space = spaces.id
     WHERE spaces.is_configured AND ($2::text[] IS NULL OR spaces.user_name = ANY ($2))
       AND NOT EXISTS (SELECT FROM webhook_places AS p WHERE p.hook = $1 AND p.space = spaces.id)`,
    [name, users],
  );
  const places = rows.map(({ last_id: lastId, ...row }) =>
    placeValues(name, row.id, presentOf({ space: spaceFromRow(row), lastId, epoch }), null),
  );
  const column = (at: number) => places.map((values) => values[at]);
  await session.run(
    `INSERT INTO webhook_places (hook, space, revision, up_to, begun, seen_id, epoch, told)
     SELECT $1, given.* FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
       $8::text[]) AS given
     ON CONFLICT (hook, space) DO NOTHING`,
    [name, ...[1, 2, 3, 4, 5, 6, 7].map(column)],
  );
}
