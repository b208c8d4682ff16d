import { loadConfig } from '../config/load.js';
import type { createCrawler, DiscoveryReport } from '../crawler.js';
import { OvadexError } from '../domain/errors.js';
import type { Sync } from '../domain/sync.js';
import { createLogger } from '../platform/logger.js';
import { signalExitCode } from '../platform/shutdown.js';
import type { CommandAudit } from './command-audit.js';
import { EXIT } from './exit-code.js';
import { interruptible } from './interruptible.js';
import { type Io, printable, writeJson, writeLines } from './io.js';
import { createSyncProgress } from './sync-progress.js';
import { type Column, formatTime, renderTable } from './table.js';

export interface SyncOptions {
  readonly config: string;
  readonly user?: readonly string[];
  readonly all?: boolean;
  readonly full?: boolean;
  readonly json?: boolean;
}

/**
 * `ovadex sync`: syncs now and answers when all is done. The exit code is `storage` where
 * a space's sync failed or, with `--all`, a discovery, `incomplete` where one left something as it was.
 */
export async function sync(
  options: SyncOptions,
  io: Io,
  create: typeof createCrawler,
  audit?: CommandAudit,
): Promise<number> {
  const users = chosenUsers(options);
  const config = await loadConfig(options.config);
  // What goes wrong in a space is told at the end; a log of it between the progress would say it twice.
  const level = config.log.level === 'debug' ? 'debug' : 'error';
  const logger = createLogger({ ...config.log, level, destination: io.stderr });

  return await interruptible({ io, logger, interruptedCode: signalExitCode }, async (signal) => {
    const crawler = create(config, { logger });
    try {
      const progress = createSyncProgress(io.stderr);
      let syncs: readonly Sync[];
      let discovered: DiscoveryReport | null = null;
      const onDiscovery = (report: DiscoveryReport) => {
        // Whoever names a user is told of that space alone.
        if (users === 'all') discovered = report;
      };
      try {
        const mode = options.full === true ? 'full' : 'incremental';
        audit?.(config, io, 'sync', { users: users === 'all' ? 'all' : users.join(' '), mode });
        syncs = await crawler.syncNow({ users, mode, signal, onProgress: progress.update, onDiscovery });
      } finally {
        progress.end();
      }
      if (signal.aborted) writeLines(io.stderr, 'interrupted: the next sync goes on where this one ended');
      report(syncs, discovered, options.json === true, io);
      return exitCodeOf(syncs, discovered);
    } finally {
      await crawler.stop();
    }
  });
}

function chosenUsers({ user = [], all = false }: SyncOptions): readonly string[] | 'all' {
  if (all === user.length > 0) {
    throw new OvadexError('usage', 'sync: say whose space with --user U (again for more), or --all; one of the two');
  }
  return all ? 'all' : [...new Set(user)];
}

function exitCodeOf(syncs: readonly Sync[], discovered: DiscoveryReport | null): number {
  if (discovered?.discoveries.some(({ trouble }) => trouble !== null)) return EXIT.storage;
  if (syncs.some(({ status }) => status === 'ERROR')) return EXIT.storage;
  return syncs.every(isWhole) ? EXIT.ok : EXIT.incomplete;
}

/** Nothing was left as it was: no collection that could not be listed, no held removal, no cancellation. */
function isWhole({ status, counts, warnings }: Sync): boolean {
  return status === 'PROCESSED' && counts.failures === 0 && warnings.length === 0;
}

const COLUMNS: readonly Column<Sync>[] = [
  { head: 'USER', value: ({ user }) => user },
  { head: 'RESULT', value: resultOf },
  { head: 'SEEN', align: 'right', value: ({ counts }) => counts.images },
  { head: 'ADDED', align: 'right', value: ({ counts }) => counts.added },
  { head: 'CHANGED', align: 'right', value: ({ counts }) => counts.altered },
  { head: 'REMOVED', align: 'right', value: ({ counts }) => counts.removed },
  { head: 'COLLECTIONS', align: 'right', value: ({ counts }) => counts.collections },
  { head: 'FAILED', align: 'right', value: ({ counts }) => counts.failures },
  { head: 'REQUESTS', align: 'right', value: ({ counts }) => counts.requests },
  { head: 'TIME', align: 'right', value: durationOf },
];

function report(syncs: readonly Sync[], discovered: DiscoveryReport | null, isJson: boolean, io: Io): void {
  const { discoveries = [], warnings: concerns = [] } = discovered ?? {};
  const failed = discoveries.filter(({ trouble }) => trouble !== null);
  for (const { url, users, trouble } of failed) {
    const stay = users === 0 ? 'no user of it is known' : `its ${users} known users stay`;
    writeLines(io.stderr, `${url}: the discovery failed, ${stay}: ${printable(trouble ?? '')}`);
  }
  writeLines(io.stderr, ...concerns.map(printable));
  const ordered = [...syncs].sort((a, b) => (a.user < b.user ? -1 : 1));
  for (const { user, status, errors, warnings } of ordered) {
    const name = printable(user);
    if (status === 'ERROR') {
      writeLines(io.stderr, `${name}: the sync failed, the list stays as it was: ${errors.map(printable).join('; ')}`);
    }
    writeLines(io.stderr, ...warnings.map((warning) => `${name}: ${printable(warning)}`));
  }
  if (isJson) writeJson(io.stdout, { syncs: ordered.map(describe), ...describeDiscoveries(discovered) });
  else if (ordered.length === 0) {
    writeLines(io.stdout, failed.length === 0 ? 'no spaces, nothing to sync' : 'no spaces are known, nothing to sync');
  } else writeLines(io.stdout, renderTable(COLUMNS, ordered));
}

function resultOf(sync: Sync): string {
  if (sync.status === 'ERROR') return 'failed';
  if (sync.status === 'CANCELLED') return 'cancelled';
  if (sync.status !== 'PROCESSED') return 'interrupted';
  return isWhole(sync) ? 'complete' : 'incomplete';
}

function durationOf({ startedAt, endedAt }: Sync): string {
  return startedAt === null || endedAt === null ? '-' : `${((endedAt - startedAt) / 1000).toFixed(1)} s`;
}

/** Nothing where there is no discovery. */
function describeDiscoveries(discovered: DiscoveryReport | null): object {
  if (discovered === null) return {};
  const discoveries = discovered.discoveries.map(({ url, users, trouble }) => ({ url, users, error: trouble }));
  return { discoveries, warnings: discovered.warnings };
}

/** A sync in the words of the HTTP API. */
function describe(sync: Sync): object {
  return {
    id: sync.id,
    task_id: sync.taskId,
    user: sync.user,
    mode: sync.mode,
    status: sync.status,
    result: resultOf(sync),
    ...sync.counts,
    waiting: sync.waiting,
    expected: sync.expected,
    created_on: formatTime(sync.createdAt),
    started_on: formatTime(sync.startedAt),
    ended_on: formatTime(sync.endedAt),
    errors: sync.errors,
    warnings: sync.warnings,
  };
}
