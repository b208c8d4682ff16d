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
  /** Reports every space, even if there are many. */
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/**
 * `ovadex sync`: syncs now and ends when all is done. The exit code is `storage` if the sync of a space or, with
 * `--all`, a discovery failed, and `incomplete` if a sync was not complete.
 */
export async function sync(
  options: SyncOptions,
  io: Io,
  create: typeof createCrawler,
  audit?: CommandAudit,
): Promise<number> {
  const users = chosenUsers(options);
  const config = await loadConfig(options.config);
  // Trouble in a space is reported at the end; logging it amid the progress would repeat it.
  const level = config.log.level === 'debug' ? 'debug' : 'error';
  const logger = createLogger({ ...config.log, level, destination: io.stderr });

  return await interruptible({ io, logger, interruptedCode: signalExitCode }, async (signal) => {
    const crawler = await create(config, { logger });
    try {
      const progress = createSyncProgress(io.stderr);
      let syncs: readonly Sync[];
      let discovered: DiscoveryReport | null = null;
      const outages: Outage[] = [];
      const onDiscovery = (report: DiscoveryReport) => {
        // If users are named, only their spaces are reported.
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
        await audit?.(config, io, 'sync', details);
      } catch (error) {
        await audit?.(config, io, 'sync', details, refusalOf(error));
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
