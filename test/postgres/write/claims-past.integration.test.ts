import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Space } from '../../../src/domain/model/space.js';
import type { SyncLog } from '../../../src/domain/ports/sync-log.js';
import type { Database } from '../../../src/postgres/connection/database.js';
import { createSyncLog } from '../../../src/postgres/write/sync-log.js';
import { configure } from '../../contract/index-under-test.js';
import { makePgliteIndex } from '../pglite-index.js';

/** More than are left out by the server, and than it looks at by one statement. */
const MANY = 3_500;
const TEN_SECONDS = 10_000;

describe('claims past very many spaces that are left out', () => {
  let index: Awaited<ReturnType<typeof makePgliteIndex>>;
  let log: SyncLog;
  let spaces: readonly Space[];
  let statements: { readonly sent: number; readonly answered: number }[];
  beforeEach(async () => {
    index = await makePgliteIndex();
    statements = [];
    log = createSyncLog(watched(index.db), () => index.clock.now);
    const users = Array.from({ length: MANY }, (_, n) => `u${String(n).padStart(5, '0')}`);
    spaces = await configure(index, ...users);
    await index.spaces.fileDue(index.clock.now);
  });
  afterEach(() => index.close());

  /** Notes how many ids each statement sends, and how many rows answer it. */
  const watched = (db: Database): Database => ({
    ...db,
    write: (work) =>
      db.write((session) =>
        work({
          ...session,
          async rows<Row extends object>(sql: string, values: readonly unknown[] = []) {
            const rows = await session.rows<Row>(sql, values);
            const sent = values.reduce<number>((sum, each) => sum + (Array.isArray(each) ? each.length : 1), 0);
            statements.push({ sent, answered: rows.length });
            return rows;
          },
        }),
      ),
  });
  /** Claims this many, but none of these, and returns their places. */
  const claim = async (atMost: number, skip: readonly Space[]) => {
    statements = [];
    const ids = skip.map(({ id }) => id);
    const claimed = await log.claimUpTo(atMost, { owner: 'crawler', leaseMs: TEN_SECONDS * 100, skip: ids });
    return claimed.map(({ sync }) => spaces.findIndex(({ id }) => id === sync.spaceId));
  };
  const looked = () => statements.reduce((sum, { answered }) => sum + answered, 0);

  it('send none of their ids, and look through the queue once, then at what is new', async () => {
    const skip = spaces.slice(0, -2);
    expect(await claim(1, skip)).toEqual([MANY - 2]);
    expect(Math.max(...statements.map(({ sent }) => sent))).toBeLessThan(20);
    expect(await claim(1, skip)).toEqual([MANY - 1]);
    expect(looked(), 'it goes on where the one before it was').toBeLessThan(MANY / 3);
    expect(await claim(4, skip)).toEqual([]);
    expect(await claim(4, skip)).toEqual([]);
    expect(looked()).toBe(0);
    const [first] = spaces;
    const request = { spaceId: first?.id ?? 0, mode: 'full', requestedBy: null, targets: [] } as const;
    await index.syncs.request({ ...request, trigger: 'command' });
    const others = spaces.slice(1);
    expect(await claim(4, others), 'it waits longer than all, and is urgent only now').toEqual([0]);
  });

  it('find at once what is no longer left out, be it little or much, and leave it where it is if they want less', async () => {
    expect(await claim(4, spaces)).toEqual([]);
    const littleLess = spaces.slice(3);
    expect(await claim(2, littleLess)).toEqual([0, 1]);
    expect(await claim(2, littleLess)).toEqual([2]);
    expect(await claim(2, littleLess)).toEqual([]);
    expect(looked()).toBe(0);
    expect(await claim(2, spaces.slice(1_500))).toEqual([3, 4]);
  });

  it('find after ten seconds what is allowed to run only since it was passed', async () => {
    const [first, ...others] = spaces;
    await index.db.run(
      `UPDATE spaces SET trouble_kind = 'unauthorized', trouble_message = '401', trouble_at = 1, retry_at = 2 WHERE id = $1`,
      [first?.id],
    );
    expect(await claim(4, others)).toEqual([]);
    await index.db.run('UPDATE spaces SET trouble_kind = NULL, trouble_message = NULL, trouble_at = NULL');
    expect(await claim(4, others)).toEqual([]);
    index.clock.now += TEN_SECONDS + 1;
    expect(await claim(4, others)).toEqual([0]);
  });
});
