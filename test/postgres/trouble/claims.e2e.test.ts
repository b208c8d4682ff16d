import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NO_FINDINGS } from '../../../src/domain/model/markers.js';
import { NO_COUNTS, type SyncOutcome } from '../../../src/domain/model/sync.js';
import { createDatabase, type Database } from '../../../src/postgres/connection/database.js';
import { createPool } from '../../../src/postgres/connection/pool.js';
import { migrate } from '../../../src/postgres/schema/migrate.js';
import { createSpaceRegistry } from '../../../src/postgres/write/space-registry.js';
import { createSyncLog } from '../../../src/postgres/write/sync-log.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/servers/postgres.js';
import { emptyIndex, MIGRATIONS } from '../index-ports.js';

const HOSTS = 10;
const LEASE_MS = 30_000;
const NOW = 1_000_000;
const WELL: SyncOutcome = {
  ...{ status: 'PROCESSED', counts: NO_COUNTS, errors: [], warnings: [], isUnauthorized: false },
  ...{ heldRemovals: null, heldReasons: [], findings: NO_FINDINGS },
};
/** As if 2,500 syncs had been claimed by others. */
const RUN_MOST = `UPDATE syncs SET status = 'IN_PROGRESS', started_at = 1 WHERE id <= 2500;
  UPDATE spaces SET lease_owner = 'x', lease_sync = id, lease_until = ${NOW + LEASE_MS / 2} WHERE id <= 2500`;

describe.skipIf(postgresMissing !== null)('claims of many hosts', () => {
  let server: PostgresServer;
  let hosts: readonly Database[];
  beforeAll(async () => {
    server = await startPostgres();
    const url = await server.createDatabase();
    hosts = Array.from({ length: HOSTS }, () => createDatabase(createPool({ connectionString: url, max: 2 })));
    await migrate(hostOf(0), MIGRATIONS);
  });
  beforeEach(() => emptyIndex(hostOf(0)));
  afterAll(async () => {
    await Promise.all(hosts.map((db) => db.close()));
    await server.stop();
  });

  const hostOf = (at: number): Database => {
    const db = hosts[at];
    if (db === undefined) throw new Error(`there is no host ${at}`);
    return db;
  };
  const userOf = (at: number) => `u${String(at).padStart(5, '0')}`;
  const fileFor = async (spaces: number) => {
    const registry = createSpaceRegistry(hostOf(0), () => NOW);
    const users = Array.from({ length: spaces }, (_, at) => userOf(at));
    await registry.configure(
      users.map((user) => ({ user, url: `http://dav.test/${user}/` })),
      'rules',
      NOW,
    );
    return registry;
  };

  it('no sync is claimed twice, and none is left out, however many hosts file and claim at once', async () => {
    const registry = await fileFor(300);
    const others = hosts.slice(1, 4).map((db) => createSpaceRegistry(db, () => NOW));
    const filed = await Promise.all([registry, ...others].map((each) => each.fileDue(NOW)));
    expect(
      filed
        .flatMap((each) => each.filed)
        .map(({ spaceId }) => spaceId)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
    const claims = await Promise.all(
      hosts.map(async (db, at) => {
        const log = createSyncLog(db, () => NOW);
        const claimed: number[] = [];
        for (;;) {
          const next = await log.claim({ owner: `host ${at}`, leaseMs: LEASE_MS });
          if (next === null) return claimed;
          claimed.push(next.sync.id);
          if (claimed.length % 2 === 0) await log.finish(next.lease, WELL);
        }
      }),
    );
    expect(claims.flat().sort((a, b) => a - b)).toEqual(
      filed
        .flatMap((each) => each.filed)
        .map(({ id }) => id)
        .sort((a, b) => a - b),
    );
    expect(claims.filter((claimed) => claimed.length > 0).length).toBeGreaterThan(1);
  });

  it('syncs that a host left behind are taken up once, first of all', async () => {
    const registry = await fileFor(40);
    await registry.fileDue(NOW);
    const dead = createSyncLog(hostOf(0), () => NOW);
    const left: number[] = [];
    for (let at = 0; at < 20; at++) {
      left.push((await dead.claim({ owner: 'dead', leaseMs: LEASE_MS }))?.sync.id ?? 0);
    }
    const later = NOW + LEASE_MS;
    const firsts = await Promise.all(
      hosts.map(async (db, at) => {
        const log = createSyncLog(db, () => later);
        return [
          await log.claim({ owner: `${at}`, leaseMs: LEASE_MS }),
          await log.claim({ owner: `${at}`, leaseMs: LEASE_MS }),
        ];
      }),
    );
    const resumed = firsts.flat().map((claimed) => (claimed?.isResumed === true ? claimed.sync.id : null));
    expect(resumed.sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(left);
  });

  it('several syncs are claimed at once, and each by one host alone, however many hosts do so', async () => {
    const registry = await fileFor(300);
    await registry.fileDue(NOW);
    const claims = await Promise.all(
      hosts.map(async (db, at) => {
        const log = createSyncLog(db, () => NOW);
        const claimed: number[] = [];
        for (;;) {
          const next = await log.claimUpTo(7, { owner: `host ${at}`, leaseMs: LEASE_MS });
          if (next.length === 0) return claimed;
          expect(next.length).toBeLessThanOrEqual(7);
          const ids = next.map(({ sync }) => sync.id);
          expect(ids).toEqual(ids.toSorted((a, b) => a - b));
          claimed.push(...ids);
          await Promise.all(next.slice(0, 2).map(({ lease }) => log.finish(lease, WELL)));
        }
      }),
    );
    expect(claims.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
    expect(claims.filter((claimed) => claimed.length > 0).length).toBeGreaterThan(1);
  });

  it('several are claimed past very many that are left out, each by one host alone, and none of those', async () => {
    const registry = await fileFor(1_500);
    await registry.fileDue(NOW);
    const isLeftOut = (id: number) => id % 5 > 0;
    const skip = Array.from({ length: 1_500 }, (_, at) => at + 1).filter(isLeftOut);
    const claims = await Promise.all(
      hosts.map(async (db, at) => {
        const log = createSyncLog(db, () => NOW);
        const claimed: number[] = [];
        for (let tries = 0; tries < 3; tries++) {
          const next = await log.claimUpTo(7, { owner: `host ${at}`, leaseMs: LEASE_MS, skip });
          claimed.push(...next.map(({ sync }) => sync.spaceId));
          // What others were claiming just then may be theirs or not.
          if (next.length > 0) tries = -1;
        }
        return claimed;
      }),
    );
    const wanted = Array.from({ length: 300 }, (_, at) => (at + 1) * 5);
    expect(claims.flat().sort((a, b) => a - b)).toEqual(wanted);
    expect(claims.filter((claimed) => claimed.length > 0).length).toBeGreaterThan(1);
  });

  it('requests of many hosts for a space become one sync', async () => {
    await fileFor(1);
    const syncs = await Promise.all(
      hosts.map((db) =>
        createSyncLog(db, () => NOW).request({
          ...{ spaceId: 1, mode: 'full', trigger: 'request', requestedBy: 'jm', targets: [] },
        }),
      ),
    );
    expect(new Set(syncs.map(({ id }) => id)).size).toBe(1);
  });

  it('a claim reads few pages of tables that the server has never looked through, however many syncs run', async () => {
    const registry = await fileFor(3_000);
    await registry.fileDue(NOW);
    await hostOf(0).run(RUN_MOST);
    const pages: number[] = [];
    const log = createSyncLog(watched(hostOf(1), pages), () => NOW);
    for (let at = 0; at < 3; at++) expect(await log.claim({ owner: 'measured', leaseMs: LEASE_MS })).not.toBeNull();
    expect(pages).toHaveLength(3);
    expect(Math.max(...pages.slice(1))).toBeLessThan(300);
  });

  it('a claim reads few pages, however many wait, run and were claimed, and whatever the server believes of that', async () => {
    const registry = await fileFor(3_000);
    const costs: number[] = [];
    /** The first claim of a host reads past what was there before; the next two are measured. */
    const measure = async () => {
      const pages: number[] = [];
      const log = createSyncLog(watched(hostOf(1), pages), () => NOW);
      for (let at = 0; at < 3; at++) expect(await log.claim({ owner: 'measured', leaseMs: LEASE_MS })).not.toBeNull();
      costs.push(...pages.slice(1));
    };
    const believeThis = () => hostOf(0).run('ANALYZE');
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await believeThis();
    // Nothing that somebody may still read is cleared away.
    const reader = hostOf(9).read(async (session) => {
      await session.rows('SELECT count(*) FROM syncs');
      await released;
    });
    try {
      await registry.fileDue(NOW);
      await measure();
      await believeThis();
      await measure();
      await hostOf(0).run(RUN_MOST);
      await measure();
      await believeThis();
      await measure();
      await hostOf(0).run(`UPDATE syncs SET status = 'PROCESSED', ended_at = 1 WHERE id <= 2900`);
      await hostOf(0).run('UPDATE spaces SET lease_owner = NULL, lease_sync = NULL, lease_until = NULL');
      await measure();
      await believeThis();
      await registry.schedule('full', new Map(Array.from({ length: 3_000 }, (_, at) => [userOf(at), NOW])));
      await registry.fileDue(NOW);
      await measure();
      expect(costs).toHaveLength(12);
      expect(Math.max(...costs)).toBeLessThan(300);
    } finally {
      release();
      await reader;
    }
  });
});

/** Notes how many pages of the database's memory each claim looks at. */
function watched(db: Database, costs: number[]): Database {
  return {
    ...db,
    write: (work) =>
      db.write((session) =>
        work({
          ...session,
          async rows<Row extends object>(sql: string, values: readonly unknown[] = []) {
            await session.run('SAVEPOINT before');
            const [plan] = await session.rows<Explained>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`, values);
            await session.run('ROLLBACK TO SAVEPOINT before');
            const counted = plan?.['QUERY PLAN'][0].Plan;
            costs.push((counted?.['Shared Hit Blocks'] ?? 0) + (counted?.['Shared Read Blocks'] ?? 0));
            return session.rows<Row>(sql, values);
          },
        }),
      ),
  };
}

interface Explained {
  readonly 'QUERY PLAN': readonly [
    { readonly Plan: { readonly 'Shared Hit Blocks': number; readonly 'Shared Read Blocks': number } },
  ];
}
