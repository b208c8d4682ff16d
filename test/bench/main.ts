/**
 * `npm run bench -- [BENCH...]`: compares ovadex with what it could have been, as ratios of two
 * things measured in one run. Without names: all benches.
 *   --quick   smaller trees and short rounds: shows that the benches work, not how fast anything is
 *   --check   ends with 1 if a ratio lies below its target
 *   --json    the verdicts as JSON instead of a table
 */
import { parseArgs } from 'node:util';
import { apacheMissing } from '../support/servers/apache.js';
import { postgresMissing } from '../support/servers/postgres.js';
import { rcloneMissing } from '../support/servers/rclone.js';
import { type ApacheSpace, openApacheSpace } from './crawl/apache-space.js';
import { benchCrawl } from './crawl/crawl.js';
import { benchRclone } from './crawl/rclone.js';
import { benchServerLimit } from './crawl/server-limit.js';
import { benchWhileCrawling } from './crawl/while-crawling.js';
import { benchFreshness } from './freshness.js';
import { benchList } from './list.js';
import { loadTool } from './load.js';
import { benchMemory, memoryMissing } from './memory.js';
import type { Verdict } from './ratios.js';
import { benchStart } from './start.js';
import { isBelow, tableOf } from './table.js';

const BENCHES = [
  'crawl',
  'limit',
  'rclone',
  'list',
  'users',
  'memory',
  'load-memory',
  'while-crawling',
  'search',
  'pages',
  'filter',
  'many-spaces',
  'growth',
  'commit',
  'start',
  'cloud-day',
  'freshness',
  'waiters',
  'hinted',
  'polled',
  'consumer-day',
  'console',
  'console-idle',
  'claims',
  'postgres-lists',
  'postgres-commit',
  'postgres-crawl',
  'postgres-search',
];

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !BENCHES.includes(name));
if (unknown.length > 0) fail(`There is no bench "${unknown.join('", "')}"; there are ${BENCHES.join(', ')}.`);
const isWanted = (...names: readonly string[]) =>
  positionals.length === 0 || names.some((name) => positionals.includes(name));
if (apacheMissing !== null && isWanted('crawl', 'limit', 'rclone', 'list')) fail(`The benches need ${apacheMissing}.`);

const { quick } = flags;
const onProgress = (text: string) => process.stderr.write(`${text}\n`);
const verdicts: Verdict[] = [];

if (isWanted('crawl', 'limit', 'rclone')) {
  const size = quick ? { collections: 100, files: 1_000 } : { collections: 2_500, files: 28_000 };
  onProgress(`writing ${size.collections} collections and ${size.files} files`);
  const space = await openApacheSpace(size);
  try {
    await benchOnApache(space);
  } finally {
    await space.remove();
  }
}
if (isWanted('list')) {
  verdicts.push(
    ...(await benchList(quick ? { rounds: 1, secondsEach: 1, onProgress } : { rounds: 5, secondsEach: 4, onProgress })),
  );
}
// It must not matter who asks for a list, so this belongs to it.
if (isWanted('list', 'users')) {
  const { benchManyUsers } = await import('./many-users.js');
  const size = quick ? { users: 100, rounds: 1, secondsEach: 1 } : { users: 1_000, rounds: 5, secondsEach: 4 };
  verdicts.push(...(await benchManyUsers({ ...size, onProgress })));
}
if (isWanted('memory')) {
  if (memoryMissing !== null) onProgress(`memory: left out, it needs ${memoryMissing}`);
  else {
    const sizes = quick
      ? { flat: 10_000, shifted: 100, tree: { collections: 200, images: 50 } }
      : { flat: 300_000, shifted: 1_000, tree: { collections: 20_000, images: 50 } };
    verdicts.push(...(await benchMemory({ ...sizes, onProgress })));
  }
}
if (isWanted('load-memory')) {
  const { benchLoadMemory } = await import('./load-memory.js');
  const size = quick
    ? { users: 100, connections: 100, loadSeconds: 2, restSeconds: 2 }
    : { users: 1_000, connections: 1_000, loadSeconds: 20, restSeconds: 60 };
  verdicts.push(...(await benchLoadMemory({ ...size, onProgress })));
}
if (isWanted('while-crawling')) {
  const size = quick
    ? { tree: { collections: 200, images: 50 }, rounds: 1, warmUpMs: 1_000 }
    : { tree: { collections: 20_000, images: 50 }, rounds: 3, warmUpMs: 10_000 };
  verdicts.push(await benchWhileCrawling({ ...size, onProgress }));
}
if (isWanted('start')) {
  const size = quick ? { spaces: 10, images: 1_000, rounds: 1 } : { spaces: 1_000, images: 1_000, rounds: 5 };
  verdicts.push(...(await benchStart({ ...size, onProgress })));
}

if (isWanted('search')) {
  const { benchSearch } = await import('./search.js');
  const size = quick ? { images: 50_000, searches: 50, rounds: 1 } : { images: 1_000_000, searches: 500, rounds: 3 };
  verdicts.push(...(await benchSearch({ ...size, onProgress })));
}
if (isWanted('pages')) {
  const { benchPages } = await import('./pages.js');
  const size = quick ? { images: 50_000, pages: 20, rounds: 1 } : { images: 1_000_000, pages: 200, rounds: 3 };
  verdicts.push(...(await benchPages({ ...size, onProgress })));
}
if (isWanted('filter')) {
  const { benchFilters } = await import('./filters.js');
  const size = quick ? { images: 20_000, passes: 2 } : { images: 1_000_000, passes: 10 };
  verdicts.push(...(await benchFilters({ ...size, spaces: 1, onProgress })));
  verdicts.push(...(await benchFilters({ ...size, spaces: size.images / 1_000, onProgress })));
}
if (isWanted('many-spaces')) {
  const { benchManySpaces } = await import('./many-spaces.js');
  const size = quick ? { spaces: 1_000, images: 50, lists: 200 } : { spaces: 100_000, images: 50, lists: 2_000 };
  verdicts.push(await benchManySpaces({ ...size, onProgress }));
}
let growthTable = '';
if (isWanted('growth')) {
  const { benchGrowth } = await import('./growth/growth.js');
  const size = quick
    ? {
        spaces: [10, 100],
        images: { spaces: 10, each: [10, 100] },
        inOne: [100, 1_000],
        ...{ questions: 20, restMs: 100, looks: { times: 3, everyMs: 20, series: 3 } },
      }
    : {
        spaces: [1_000, 10_000, 100_000],
        images: { spaces: 1_000, each: [100, 1_000, 10_000] },
        inOne: [10_000, 100_000, 1_000_000],
        ...{ questions: 300, restMs: 60_000, looks: { times: 10, everyMs: 250, series: 5 } },
      };
  const { verdicts: grown, table } = await benchGrowth({ ...size, onProgress });
  verdicts.push(...grown);
  growthTable = table;
}
if (isWanted('commit')) {
  const { benchCommitCost } = await import('./crawl/commit-cost.js');
  const size = quick ? { collections: 250, files: 2_800, rounds: 1 } : { collections: 2_500, files: 28_000, rounds: 5 };
  verdicts.push(await benchCommitCost({ ...size, onProgress }));
}
if (isWanted('cloud-day')) {
  const { benchCloudDay } = await import('./cloud-day.js');
  const size = quick ? { users: 10, collections: 30, days: 1 } : { users: 100, collections: 300, days: 1 };
  verdicts.push(await benchCloudDay({ ...size, onProgress }));
}
if (isWanted('freshness')) {
  const size = quick ? { spaces: 300, seeds: 1 } : { spaces: 10_000, seeds: 2 };
  verdicts.push(...benchFreshness({ ...size, onProgress }));
}

if (isWanted('waiters')) {
  const { benchWaiters, waitersMissing } = await import('./waiters/waiters.js');
  const size = quick
    ? { clients: 500, spaces: 50, rounds: 1, secondsEach: 1 }
    : { clients: 10_000, spaces: 1_000, rounds: 3, secondsEach: 4 };
  const missing = waitersMissing(size.clients);
  if (missing !== null) fail(`The bench waiters needs ${missing}.`);
  verdicts.push(...(await benchWaiters({ ...size, onProgress })));
}

if (isWanted('hinted')) {
  const { benchHinted } = await import('./waiters/hinted.js');
  verdicts.push(await benchHinted({ files: quick ? 12 : 200, onProgress }));
}

if (isWanted('polled')) {
  const { benchPolled } = await import('./waiters/polled.js');
  const size = quick
    ? { files: 4, overMs: 2_000, poll: '*/2 * * * * *', pollEveryMs: 2_000 }
    : { files: 40, overMs: 30_000, poll: '*/20 * * * * *', pollEveryMs: 20_000 };
  verdicts.push(...(await benchPolled({ ...size, onProgress })));
}

if (isWanted('consumer-day')) {
  const { benchConsumerDay } = await import('./waiters/consumer-day.js');
  const size = quick
    ? { images: 100, minutes: 5, messages: 1, idleMs: 200 }
    : { images: 1_000, minutes: 20, messages: 10, idleMs: 5_000 };
  verdicts.push(await benchConsumerDay({ ...size, onProgress }));
}

if (isWanted('console')) {
  const { benchConsole } = await import('./console.js');
  const size = quick
    ? { images: 20_000, pages: 20, overviews: 20, rounds: 1, secondsEach: 1 }
    : { images: 1_000_000, pages: 100, overviews: 500, rounds: 5, secondsEach: 10 };
  verdicts.push(...(await benchConsole({ ...size, onProgress })));
}

if (isWanted('console-idle')) {
  const { benchConsoleIdle } = await import('./console-idle.js');
  const size = quick
    ? { spaces: 10, images: 12, rounds: 1, secondsEach: 1 }
    : { spaces: 100, images: 12, rounds: 15, secondsEach: 3 };
  verdicts.push(...(await benchConsoleIdle({ ...size, onProgress })));
}

if (isWanted('claims') && postgresMissing === null) {
  const { benchClaims } = await import('./claims.js');
  verdicts.push(...(await benchClaims({ spaces: quick ? 1_000 : 100_000 })));
}

if (isWanted('postgres-lists') && postgresMissing === null && loadTool() === 'wrk') {
  const { benchPostgresLists } = await import('./postgres/lists.js');
  const size = quick
    ? { images: 2_000, rounds: 1, secondsEach: 1, warmUpSeconds: 1 }
    : { images: 20_000, rounds: 8, secondsEach: 3, warmUpSeconds: 2 };
  verdicts.push(...(await benchPostgresLists({ ...size, onProgress })));
}

if (isWanted('postgres-commit') && postgresMissing === null) {
  const { benchPostgresCommit } = await import('./postgres/commit-cost.js');
  const size = quick ? { collections: 250, files: 2_800, rounds: 1 } : { collections: 2_500, files: 28_000, rounds: 5 };
  verdicts.push(await benchPostgresCommit({ ...size, onProgress }));
}

if (isWanted('postgres-crawl') && postgresMissing === null) {
  const { benchPostgresCrawl } = await import('./postgres/crawl.js');
  const size = quick ? { spaces: 8, collections: 5, rounds: 1 } : { spaces: 40, collections: 50, rounds: 5 };
  verdicts.push(...(await benchPostgresCrawl({ ...size, onProgress })));
}

if (isWanted('postgres-search') && postgresMissing === null) {
  const { benchPostgresSearch } = await import('./postgres/search.js');
  const size = quick ? { spaces: 3_000, images: 50, searches: 50 } : { spaces: 100_000, images: 50, searches: 500 };
  verdicts.push(await benchPostgresSearch({ ...size, onProgress }));
}

// The targets are meant for the whole sizes: so small ones are mostly start.
const judged = quick ? verdicts.map((verdict) => ({ ...verdict, target: null })) : verdicts;
const inTable = judged.filter(({ name }) => !name.startsWith('growth, '));
const tables = [growthTable, inTable.length === 0 ? '' : tableOf(inTable)].join('');
process.stdout.write(flags.json ? `${JSON.stringify(judged, null, 2)}\n` : tables);
if (flags.check && judged.some(isBelow)) process.exitCode = 1;

async function benchOnApache(space: ApacheSpace): Promise<void> {
  const rounds = quick ? 1 : 5;
  if (isWanted('crawl')) verdicts.push(...(await benchCrawl(space, { rounds, onProgress })));
  if (isWanted('limit')) {
    verdicts.push(...(await benchServerLimit(space, { rounds, secondsEach: quick ? 1 : 4, onProgress })));
  }
  if (!isWanted('rclone')) return;
  if (quick) onProgress('rclone: left out, its pacer makes it slow (--quick)');
  else if (rcloneMissing !== null) onProgress(`rclone: left out, it needs ${rcloneMissing}`);
  else verdicts.push(await benchRclone(space, { rounds: 1, onProgress }));
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
