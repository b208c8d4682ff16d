import type { createCrawler, DiscoveryReport, Outage } from '../../app/crawler.js';
import { loadConfig } from '../../config/load.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Sync } from '../../domain/model/sync.js';
import { createLogger } from '../../platform/log/logger.js';
import { signalExitCode } from '../../platform/shutdown.js';
import { type CommandAudit, refusalOf } from '../options/command-audit.js';
import { createSyncProgress } from '../reports/sync-progress.js';
import { isWhole, reportSyncs } from '../reports/sync-report.js';
import { EXIT } from '../terminal/exit-code.js';
import { interruptible } from '../terminal/interruptible.js';
import { type Io, writeLines } from '../terminal/io.js';

export interface SyncOptions {
  readonly config: string;
  readonly user?: readonly string[];
  readonly all?: boolean;
  readonly full?: boolean;
  /** Tells each of many spaces. */
  readonly verbose?: boolean;
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
      const outages: Outage[] = [];
      const onDiscovery = (report: DiscoveryReport) => {
        // Whoever names a user is told of that space alone.
        if (users === 'all') discovered = report;
      };
      const mode = options.full === true ? 'full' : 'incremental';
      const details = { users: users === 'all' ? 'all' : users.join(' '), mode };
      try {
        syncs = await crawler.syncNow({
          users,
          mode,
          signal,
          onChosen: progress.start,
          onProgress: progress.update,
          onEnded: progress.ended,
          onDiscovery,
          onOutage: (outage) => void outages.push(outage),
        });
        audit?.(config, io, 'sync', details);
      } catch (error) {
        audit?.(config, io, 'sync', details, refusalOf(error));
        throw error;
      } finally {
        progress.end();
      }
      if (signal.aborted) writeLines(io.stderr, 'interrupted: the next sync continues where this one stopped');
      reportSyncs(syncs, { discovered, outages }, options, io);
      return exitCodeOf(syncs, discovered);
    } finally {
      await crawler.stop();
    }
  });
}

function chosenUsers({ user = [], all = false }: SyncOptions): readonly string[] | 'all' {
  if (all === user.length > 0) {
    throw new OvadexError('usage', 'sync: give either --user U (repeatable) or --all');
  }
  return all ? 'all' : [...new Set(user)];
}

function exitCodeOf(syncs: readonly Sync[], discovered: DiscoveryReport | null): number {
  if (discovered?.discoveries.some(({ trouble }) => trouble !== null)) return EXIT.storage;
  if (syncs.some(({ status }) => status === 'ERROR')) return EXIT.storage;
  return syncs.every(isWhole) ? EXIT.ok : EXIT.incomplete;
}
