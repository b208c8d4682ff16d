import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { CollectionCommit } from '../../../src/domain/ports/image-index.js';
import { NO_CHANGES } from '../../support/collection-changes.js';
import { built } from '../built.js';
import { emptyIndex } from '../bulk-index.js';
import { processorMs } from '../processor-time.js';
import { measureRounds, median, type Verdict } from '../ratios.js';
import { seconds } from '../units.js';

export interface CommitCostOptions {
  readonly collections: number;
  readonly files: number;
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

const { createImageIndex } =
  await built<typeof import('../../../src/sqlite/write/image-index.js')>('sqlite/write/image-index.js');
const { createSpaceRegistry } = await built<typeof import('../../../src/sqlite/write/space-registry.js')>(
  'sqlite/write/space-registry.js',
);
const { createSyncLog } =
  await built<typeof import('../../../src/sqlite/write/sync-log.js')>('sqlite/write/sync-log.js');

/** Collections of one transaction, about what a crawl gathers in a second. */
const COMMITTED_AT_ONCE = 200;
/** What the trigram index may cost: 15 % more of what is half of a first crawl. */
const TARGET_RATIO = 1 / 1.15;

/** What the trigram index costs the commits of a first crawl. */
export async function benchCommitCost(options: CommitCostOptions): Promise<Verdict> {
  const { collections, files, rounds, onProgress } = options;
  const batches = commitsOf(collections, files);
  const measured = await measureRounds(
    rounds,
    () => timeCommits(batches, true),
    () => timeCommits(batches, false),
    (n, { ours, theirs }) => onProgress(`commit: round ${n} of ${rounds}: ${(theirs / ours).toFixed(2)}`),
  );
  const ratios = measured.map(({ ours, theirs }) => theirs / ours);
  const [indexed, plain] = [measured.map(({ ours }) => ours), measured.map(({ theirs }) => theirs)];
  return {
    name: 'commit',
    meaning: `processor time of a first crawl's commits without / with the trigram index of names`,
    ratio: median(ratios),
    ratios,
    target: TARGET_RATIO,
    context: [
      `${collections} collections, ${files} files; with ${seconds(median(indexed))}, without ${seconds(median(plain))}`,
    ],
  };
}

/** Returns what a first crawl of so many collections with so many files commits, a transaction each. */
export function commitsOf(collections: number, files: number): readonly (readonly CollectionCommit[])[] {
  const commits = Array.from({ length: collections }, (_, i) => commitOf(i, Math.round(files / collections)));
  const batches: CollectionCommit[][] = [];
  for (let i = 0; i < commits.length; i += COMMITTED_AT_ONCE) batches.push(commits.slice(i, i + COMMITTED_AT_ONCE));
  return batches;
}

/** Returns how long SQLite's commits take into a new index, in ms of processor time; `isIndexed`: with the index of names. */
export async function timeCommits(batches: ReturnType<typeof commitsOf>, isIndexed: boolean): Promise<number> {
  const { db, remove } = emptyIndex();
  try {
    // An index that reaches beyond every image never takes any in.
    if (!isIndexed) db.exec(`UPDATE trigram_extent SET last_image = ${Number.MAX_SAFE_INTEGER}`);
    const log = createSyncLog(db);
    const index = createImageIndex(db);
    const [space] = await createSpaceRegistry(db).configure([{ user: 'jm', url: 'http://dav.test/' }], 'rules', 0);
    const spaceId = space?.id ?? 0;
    await log.request({ spaceId, mode: 'full', trigger: 'command', requestedBy: null, targets: [] });
    const claimed = await log.claim({ owner: 'bench', leaseMs: 600_000 });
    if (claimed === null) throw new Error('the space could not be claimed');
    return await processorMs(async () => {
      for (const batch of batches) await index.commit(claimed.lease, batch);
    });
  } finally {
    db.close();
    remove();
  }
}

function commitOf(n: number, files: number): CollectionCommit {
  const collection = `projects/course-${n}` as ResourcePath;
  const appeared = Array.from({ length: files }, (_, i) => ({
    path: `${collection}/Ubuntu_22.04-x64-${n}_student-${(n * 7_919 + i) % 99_991}.ova` as ResourcePath,
    sizeBytes: 1_000 + i,
    etag: null,
    modifiedAt: 1,
  }));
  const changes = { ...NO_CHANGES, collection, appeared };
  return { changes, absent: [], unproven: [], present: [], removals: 'apply', toVisit: null };
}
