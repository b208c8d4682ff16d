import { createDatabase } from '../../src/postgres/connection/database.js';
import { createPool } from '../../src/postgres/connection/pool.js';
import { migrate } from '../../src/postgres/schema/migrate.js';
import { createSpaceRegistry } from '../../src/postgres/write/space-registry.js';
import { createSyncLog } from '../../src/postgres/write/sync-log.js';
import { MIGRATIONS } from '../postgres/index-ports.js';
import { percentile } from './percentile.js';
import { startMeasured } from './postgres/measured-server.js';
import type { Verdict } from './ratios.js';

/** So many claims a second leave a crawler nothing to wait for, of ten that share 100,000 spaces due in one minute. */
const WANTED_PER_SECOND = 2_000;
const CRAWLERS = 10;
/** As many spaces a crawler has in hand by default, and claims at once if it has none. */
const SPACES_AT_ONCE = 4;
const LEASE_MS = 3_600_000;

/**
 * Lets crawlers claim the syncs of spaces that are due at the same time, each over a connection of its own, from a server
 * that asks its disk for each commit. All of them run in this process, which takes a core of its own.
 */
export async function benchClaims({ spaces }: { readonly spaces: number }): Promise<Verdict[]> {
  const server = await startMeasured();
  const url = await server.createDatabase();
  const open = () => createDatabase(createPool({ connectionString: url, max: 1 }));
  const hosts = Array.from({ length: CRAWLERS }, open);
  const admin = open();
  try {
    await migrate(admin, MIGRATIONS);
    const registry = createSpaceRegistry(admin, Date.now);
    const settings = Array.from({ length: spaces }, (_, at) => ({ user: `u${at}`, url: `http://dav.test/u${at}/` }));
    await registry.configure(settings, 'rules', Date.now());
    await registry.fileDue(Date.now());
    const claimed = new Set<number>();
    const took: number[] = [];
    const [begun, before, servers] = [performance.now(), process.cpuUsage(), server.processorMs()];
    await Promise.all(
      hosts.map(async (db, at) => {
        const log = createSyncLog(db, Date.now);
        for (;;) {
          const asked = performance.now();
          const next = await log.claimUpTo(SPACES_AT_ONCE, { owner: `crawler ${at}`, leaseMs: LEASE_MS });
          took.push(performance.now() - asked);
          if (next.length === 0) return;
          for (const { sync } of next) {
            if (claimed.has(sync.id)) throw new Error(`sync ${sync.id} was claimed twice`);
            claimed.add(sync.id);
          }
        }
      }),
    );
    const { user, system } = process.cpuUsage(before);
    const [oursMs, serversMs] = [(user + system) / 1_000, server.processorMs() - servers].map((ms) => ms / spaces);
    const perSecond = (claimed.size / (performance.now() - begun)) * 1_000;
    if (claimed.size !== spaces) throw new Error(`${claimed.size} of ${spaces} syncs were claimed`);
    const ratio = perSecond / WANTED_PER_SECOND;
    return [
      {
        ...{ name: 'claims', ratio, ratios: [ratio], target: 1 },
        meaning: `syncs claimed a second by ${CRAWLERS} crawlers / ${WANTED_PER_SECOND}`,
        context: [
          `${Math.round(perSecond)} a second of ${spaces}, none twice; p99 of a claim of up to ${SPACES_AT_ONCE} ${percentile(took, 0.99).toFixed(1)} ms`,
          `processor time of each: ${oursMs?.toFixed(2)} ms of crawlers, ${serversMs?.toFixed(2)} ms of the server`,
        ],
      },
    ];
  } finally {
    await Promise.all([...hosts, admin].map((db) => db.close()));
    await server.stop();
  }
}
