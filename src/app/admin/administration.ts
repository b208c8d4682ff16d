import type { Logger } from 'pino';
import { shownTextApart } from '../../config/shown-apart.js';
import { atAGlance } from '../../domain/diagnosis/at-a-glance.js';
import type { DaemonHealth, DatabaseFacts, HealthCheck } from '../../domain/diagnosis/daemon-health.js';
import type { Finding } from '../../domain/diagnosis/finding.js';
import { compareHosts } from '../../domain/diagnosis/host-differences.js';
import { PassingTrouble } from '../../domain/model/errors.js';
import type { CrawlMeasurements } from '../../domain/model/measurements.js';
import type { Administration } from '../../domain/ports/administration.js';
import type { AuditLog } from '../../domain/ports/audit-log.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { HostRegister } from '../../domain/ports/host-register.js';
import type { IndexHistory } from '../../domain/ports/index-history.js';
import { readAuditTrail } from '../../platform/log/audit-trail.js';
import { VERSION } from '../../platform/version.js';
import { listKeptCopies } from '../../sqlite/backup/kept-copies.js';
import { nameByTime } from '../../sqlite/backup/rotation.js';
import type { LiveConfig } from '../settings/live-config.js';
import { type BackupRunsDeps, createBackupRuns } from './backup-runs.js';
import { createConfigText } from './config-text.js';
import { sharedForAWhile } from './shared-for-a-while.js';

/** Enough to begin with; the list of spaces has all of them. */
const NAMED_USERS = 5;
/** Far more than anybody keeps. */
const COPIES_SHOWN = 50;

export interface AdministrationDeps {
  readonly history: Pick<IndexHistory, 'hours' | 'troubled'>;
  readonly facts: () => Promise<DatabaseFacts>;
  /** Null if no other host shares the index. */
  readonly hosts: Pick<HostRegister, 'list'> | null;
  readonly measureCrawl: () => Promise<CrawlMeasurements>;
  readonly checkHealth: () => Promise<readonly HealthCheck[]>;
  /** What is wrong, as far as that shows without asking a storage. */
  readonly examine: () => Promise<readonly Finding[]>;
  readonly config: Pick<LiveConfig, 'current' | 'standing' | 'rereadAndTell'>;
  /** What was done on all hosts; null if there is no other, and the data directory has it all. */
  readonly audit: Pick<AuditLog, 'newest'> | null;
  readonly dataDirectory: string;
  readonly backups: Pick<BackupRunsDeps, 'directory' | 'keep' | 'make'>;
  readonly startedAt: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the API tells administrators of the daemon as a whole, and what they do with it. */
export function createAdministration(deps: AdministrationDeps): Administration & { end(): void } {
  const { history, facts, measureCrawl, checkHealth, examine, config, startedAt, clock, logger } = deps;
  const backups = createBackupRuns({
    ...deps.backups,
    ...{ nameByTime, list: (directory) => listKeptCopies(directory, COPIES_SHOWN), clock, logger },
  });
  const textOf = createConfigText(shownTextApart);

  const look = sharedForAWhile(async (): Promise<Looked> => {
    const [database, hosts, findings] = await Promise.all([facts(), deps.hosts?.list() ?? [], examine()]);
    return { at: clock(), database, cluster: compareHosts(hosts), findings };
  });

  return {
    overview: sharedForAWhile(async () => {
      const [measured, hours, troubled] = await Promise.all([
        measureCrawl(),
        history.hours(),
        history.troubled(NAMED_USERS),
      ]);
      const { totals } = measured;
      if (totals === undefined) throw new PassingTrouble('the database could not be asked what all spaces have');
      return atAGlance({ ...measured, totals }, hours, troubled, clock());
    }),
    async health() {
      // Checks that wait in vain take seconds, but no work: kept for as long as work of seconds, they would go on saying so.
      const [looked, checks, text] = await Promise.all([look(), checkHealth(), textOf(config.current())]);
      return {
        ...{ version: VERSION, node: process.versions.node, startedAt, checks },
        ...looked,
        // What an administrator does shows at once.
        backups: backups.standing(),
        configuration: { ...config.standing(), ...text },
      };
    },
    auditTrail: async (atMost) =>
      (await deps.audit?.newest(atMost)) ?? (await readAuditTrail(deps.dataDirectory, atMost)),
    backUp: backups.start,
    reload: config.rereadAndTell,
    end: backups.end,
  };
}

/** What is looked at once for all who ask. */
type Looked = Pick<DaemonHealth, 'at' | 'database' | 'cluster' | 'findings'>;
