import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_COUNTS } from '../../src/domain/model/sync.js';
import { afterFailure, UNTRIED } from '../../src/domain/webhooks/retry.js';
import { WEBHOOK_EVENTS } from '../../src/domain/webhooks/webhook.js';
import { SPACE_COLUMNS } from '../../src/postgres/read/space-rows.js';
import { begin, commit, configure, end, LEASE_MS, listing, spaceOf } from '../contract/index-under-test.js';
import { makePgliteIndex } from './pglite-index.js';

type Index = Awaited<ReturnType<typeof makePgliteIndex>>;

const TOKEN = { user: 'jm', scopes: [], createdAt: 10, expiresAt: 10_000_000 };
const LINK = {
  ...{ user: 'jm', server: 'https://cloud.example.org/', loginName: 'jm', keyId: 'k1' },
  ...({ sealed: Buffer.from('sealed'), via: 'browser', linkedAt: 10 } as const),
};
const HOOK = { name: 'deployer', users: null, events: WEBHOOK_EVENTS, target: 'a' };
const REFUSED = afterFailure(UNTRIED, { kind: 'answered', status: 503, retryAfterMs: null }, 0, 0);
const FULL_SYNC = { mode: 'full', trigger: 'command', requestedBy: null, targets: [] } as const;

/** Columns with values that only some may have. */
const OTHER_VALUES: Readonly<Record<string, string>> = {
  trouble_kind: "'incomplete'",
  names_evidence: "'seen'",
  subtree_evidence: "'seen'",
  search_evidence: "'seen'",
  held_reasons: `'["it is all gone"]'`,
};
/** Returns an expression for another value of a column. */
const OTHER_OF_TYPE: Readonly<Record<string, (column: string) => string>> = {
  bigint: (column) => `coalesce(${column}, 0) + 1`,
  'double precision': (column) => `${column} * 2`,
  boolean: (column) => `NOT ${column}`,
  text: (column) => `coalesce(${column}, '') || 'x'`,
};

describe('hosts that keep what they have read', () => {
  let index: Index;
  let hashes = 0;
  /** Counts the transactions that hosts are told of. */
  const countTold = async (write: () => Promise<unknown>): Promise<number> => {
    const before = await index.db.row<{ xmax: string }>('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xmax');
    await write();
    const after = await index.db.row<{ count: number }>('SELECT count(*) AS count FROM written WHERE xid >= $1::xid8', [
      before?.xmax,
    ]);
    return after?.count ?? 0;
  };
  const createToken = () => index.tokens.create({ ...TOKEN, hash: `${++hashes}`.padStart(64, '0') });

  beforeAll(async () => {
    index = await makePgliteIndex();
    await configure(index, 'jm', 'lab');
    await index.webhooks.follow([HOOK]);
  });
  afterAll(() => index.close());

  it('are told of a sync when readers see it, and of nothing else in it', async () => {
    const { id: spaceId } = await spaceOf(index, 'jm');
    const { syncs } = index;
    expect(await countTold(() => syncs.request({ ...FULL_SYNC, spaceId }))).toBe(0);
    const interrupted = async () => {
      const { lease } = await begin(index, 'jm');
      await syncs.progress(lease, { counts: NO_COUNTS, waiting: 3 }, LEASE_MS);
      await syncs.release(lease);
    };
    expect(await countTold(interrupted)).toBe(0);
    const { lease } = await begin(index, 'jm');
    expect(await countTold(() => commit(index, lease, listing('', ['a.ova', 'b.ova'])))).toBe(1);
    expect(await countTold(() => end(index, lease))).toBe(1);
  });

  it('are told that a token is no longer good, but neither of a new one nor of its use', async () => {
    const [first, second, third] = [await createToken(), await createToken(), await createToken()];
    const { tokens } = index;
    expect(await countTold(createToken)).toBe(0);
    expect(await countTold(() => tokens.noteUses([{ id: first.id, at: 20 }]))).toBe(0);
    expect(await countTold(() => tokens.setDisabled('jm', first.id, 30))).toBe(1);
    expect(await countTold(() => tokens.setDisabled('jm', first.id, null))).toBe(1);
    expect(await countTold(() => tokens.end('jm', second.id, 30))).toBe(1);
    expect(await countTold(() => tokens.revoke(third.id, 30))).toBe(1);
    expect(await countTold(() => tokens.revoke(third.id, 40)), 'it was revoked already').toBe(0);
    expect(await countTold(() => index.db.run('DELETE FROM tokens WHERE id = $1', [third.id]))).toBe(1);
    expect(await countTold(() => index.db.run('DELETE FROM tokens WHERE id = $1', [third.id]))).toBe(0);
  });

  it('are told in which of them tokens ended that were good', async () => {
    const { tokens, db } = index;
    const createLasting = () => tokens.create({ ...TOKEN, expiresAt: null, hash: `${++hashes}`.padStart(64, '0') });
    const [first, second, third] = [await createLasting(), await createLasting(), await createLasting()];
    const endsTokens = async (write: () => Promise<unknown>) => {
      await db.run('DELETE FROM written');
      await write();
      return (await db.rows<{ readonly ends: boolean }>('SELECT ends_tokens AS ends FROM written')).map(
        ({ ends }) => ends,
      );
    };
    const expire = () => db.run('UPDATE tokens SET expires_at = 1 WHERE id = $1', [third.id]);
    expect(await endsTokens(() => index.links.put(LINK))).toEqual([false]);
    expect(await endsTokens(() => tokens.setDisabled('jm', first.id, 30))).toEqual([true]);
    expect(await endsTokens(() => tokens.revoke(first.id, 30))).toEqual([true]);
    expect(await endsTokens(() => db.run('DELETE FROM tokens WHERE id = $1', [second.id]))).toEqual([true]);
    expect(await endsTokens(expire)).toEqual([true]);
    expect(await endsTokens(() => db.run('DELETE FROM tokens WHERE id = $1', [third.id]))).toEqual([false]);
    const both = () =>
      db.write(async (session) => {
        await session.run('DELETE FROM links');
        await session.run('DELETE FROM tokens');
      });
    await createLasting();
    expect(await endsTokens(both)).toEqual([true]);
  });

  it('are told of links, of runs, and of spaces that come and go', async () => {
    expect(await countTold(() => index.links.put(LINK))).toBe(1);
    expect(await countTold(() => index.links.remove('jm'))).toBe(1);
    expect(await countTold(() => index.runs.begin(10))).toBeGreaterThan(0);
    expect(await countTold(() => configure(index, 'jm', 'lab', 'kim'))).toBeGreaterThan(0);
    expect(await countTold(() => configure(index, 'jm', 'lab'))).toBeGreaterThan(0);
  });

  it('are told of messages that are to be tried again at once, and of no other step of theirs', async () => {
    const { id } = await spaceOf(index, 'lab');
    const { lease } = await begin(index, 'lab');
    await commit(index, lease, listing('', ['a.ova']));
    await end(index, lease);
    const { webhooks } = index;
    expect(await countTold(() => webhooks.next(HOOK, id, 0, 'm1'))).toBe(0);
    expect(await countTold(() => webhooks.failed(HOOK.name, id, 'm1', REFUSED))).toBe(0);
    expect(await countTold(() => webhooks.retry(HOOK.name, null))).toBe(1);
    await webhooks.failed(HOOK.name, id, 'm1', REFUSED);
    expect(await countTold(() => webhooks.taken(HOOK.name, id, 'm1'))).toBe(0);
  });

  it('are told of whatever readers see of a space but when it is due', async () => {
    const { id } = await spaceOf(index, 'jm');
    const { db } = index;
    const set = (column: string, value: string) => db.run(`UPDATE spaces SET ${column} = ${value} WHERE id = $1`, [id]);
    await db.run(
      `UPDATE spaces SET trouble_kind = 'failed', trouble_message = 'no answer', trouble_at = 1 WHERE id = $1`,
      [id],
    );
    const types = new Map(
      (
        await db.rows<{ name: string; type: string }>(
          `SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_name = 'spaces'`,
        )
      ).map(({ name, type }) => [name, type]),
    );
    const seen = [...SPACE_COLUMNS.matchAll(/spaces\.(\w+)/g)].map(([, column = '']) => column);
    const missed: string[] = [];
    for (const column of seen.filter((each) => each !== 'id' && each !== 'next_sync_at')) {
      const value = OTHER_VALUES[column] ?? OTHER_OF_TYPE[types.get(column) ?? '']?.(column) ?? column;
      if ((await countTold(() => set(column, value))) !== 1) missed.push(column);
      if ((await countTold(() => set(column, column))) !== 0) missed.push(`${column}, which stays as it is`);
    }
    expect(missed).toEqual([]);
    for (const column of ['due_at', 'full_due_at', 'poll_due_at', 'unchanged_requests']) {
      expect(await countTold(() => set(column, '1')), column).toBe(0);
    }
  });
});
