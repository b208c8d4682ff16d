import { createImageIndex } from '../../../src/postgres/write/image-index.js';
import { createSpaceRegistry } from '../../../src/postgres/write/space-registry.js';
import { createSyncLog } from '../../../src/postgres/write/sync-log.js';
import { commitsOf, timeCommits } from '../crawl/commit-cost.js';
import { processorMs } from '../processor-time.js';
import { measureRounds, median, type Verdict } from '../ratios.js';
import { seconds } from '../units.js';
import { emptyDatabase } from './bulk-database.js';
import { type MeasuredServer, startMeasured } from './measured-server.js';

export interface PostgresCommitOptions {
  readonly collections: number;
  readonly files: number;
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

interface Cost {
  readonly host: number;
  readonly database: number;
}

/** What the commits of a first crawl cost, against the same with SQLite. */
export async function benchPostgresCommit(options: PostgresCommitOptions): Promise<Verdict> {
  const { collections, files, rounds, onProgress } = options;
  const batches = commitsOf(collections, files);
  const server = await startMeasured();
  try {
    const costs: Cost[] = [];
    const measured = await measureRounds(
      rounds,
      async () => {
        const each = await costOf(server, batches);
        costs.push(each);
        return each.host + each.database;
      },
      () => timeCommits(batches, true),
      (n, { ours, theirs }) => onProgress(`postgres commit: round ${n} of ${rounds}: ${(theirs / ours).toFixed(2)}`),
    );
    const ratios = measured.map(({ ours, theirs }) => theirs / ours);
    return {
      name: 'postgres-commit',
      meaning: "processor time of a first crawl's commits with SQLite / with PostgreSQL, the server's included",
      ratio: median(ratios),
      ratios,
      target: null,
      context: [
        `${collections} collections, ${files} files; SQLite ${seconds(median(measured.map(({ theirs }) => theirs)))}, ` +
          `PostgreSQL ${seconds(median(costs.map(({ host }) => host)))} on the host and ${seconds(median(costs.map(({ database }) => database)))} in the database`,
      ],
    };
  } finally {
    await server.stop();
  }
}

async function costOf(server: MeasuredServer, batches: ReturnType<typeof commitsOf>): Promise<Cost> {
  const db = await emptyDatabase(server);
  try {
    const log = createSyncLog(db, Date.now);
    const index = createImageIndex(db, Date.now);
    const registry = createSpaceRegistry(db, Date.now);
    const [space] = await registry.configure([{ user: 'jm', url: 'http://dav.test/' }], 'rules', 0);
    await log.request({ spaceId: space?.id ?? 0, mode: 'full', trigger: 'command', requestedBy: null, targets: [] });
    const claimed = await log.claim({ owner: 'bench', leaseMs: 600_000 });
    if (claimed === null) throw new Error('the space could not be claimed');
    const before = server.processorMs();
    const host = await processorMs(async () => {
      for (const batch of batches) await index.commit(claimed.lease, batch);
    });
    return { host, database: server.processorMs() - before };
  } finally {
    await db.close();
  }
}
