import { describe, expect, test } from 'vitest';
import { createIndexTotals } from '../../../src/sqlite/read/index-totals.js';
import { describeIndexTotals } from '../../contract/index-totals.js';
import { configure } from '../../contract/index-under-test.js';
import { fewRunsOf } from '../../support/thorough.js';
import { makeSqliteIndex } from '../temporary-index.js';

const INTERVAL_MS = 900_000;

describeIndexTotals(
  'SQLite',
  async () => {
    const index = await makeSqliteIndex();
    return Object.assign(index, { totals: createIndexTotals(index.db, 1) });
  },
  fewRunsOf(60),
);

describe('the totals of an index in SQLite', () => {
  test('reads spaces in the order of the table, and lets others have their turn between the pieces', async () => {
    const index = await makeSqliteIndex();
    try {
      await configure(index, 'jm', 'lab', 'zoe', 'kim', 'ann');
      const statements: string[] = [];
      const db = new Proxy(index.db, {
        get: (target, key) => {
          if (key !== 'prepare') return Reflect.get(target, key) as unknown;
          return (sql: string) => {
            statements.push(sql);
            return target.prepare(sql);
          };
        },
      });
      const read = createIndexTotals(db, 2);
      const plans = statements
        .filter((sql) => sql.includes(':after'))
        .map((sql) => index.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all({ after: 0, upTo: 2, now: 0, staleBefore: 0 }));
      expect(plans).toHaveLength(4);
      for (const plan of plans) {
        const details = (plan as readonly { detail: string }[]).map(({ detail }) => detail);
        expect(details.filter((detail) => /SCAN|SEARCH/.test(detail))).toEqual([
          'SEARCH spaces USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
        ]);
      }
      let turns = 0;
      const takeTurns = () => {
        turns++;
        next = setImmediate(takeTurns);
      };
      let next = setImmediate(takeTurns);
      await read(index.clock.now, INTERVAL_MS);
      clearImmediate(next);
      expect(turns).toBeGreaterThanOrEqual(2);
    } finally {
      await index.close();
    }
  });
});
