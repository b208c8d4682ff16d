import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { BackupOutcome, BackupRun, BackupStanding, KeptCopy } from '../../domain/diagnosis/daemon-health.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Left } from '../../sqlite/backup/rotation.js';

/** Copies the index to a new file, and removes what is older than the newest `keep`. Rejects with an OvadexError. */
export type MakeBackup = (
  target: string,
  keep: number,
  signal: AbortSignal,
) => Promise<{ readonly sizeBytes: number; readonly left: readonly Left[] }>;

export interface BackupRunsDeps {
  readonly directory: string;
  readonly keep: number;
  /** Returns an unused path in the directory. */
  readonly nameByTime: (directory: string, now: number) => string;
  /** Lists the copies in the directory, the newest first. */
  readonly list: (directory: string) => readonly KeptCopy[];
  readonly make: MakeBackup;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Waits as long as a caller would for an answer. */
  readonly patience?: (signal: AbortSignal) => Promise<void>;
}

/** Backups that are made on request, one at a time. */
export interface BackupRuns {
  /** Resolves once the copy is made, or has taken some seconds. Rejects with OvadexError `conflict` while another is made. */
  start(): Promise<BackupOutcome>;
  standing(): BackupStanding;
  /** Ends the one that is being made. */
  end(): void;
}

/**
 * People and browsers wait for so long. An index of some 30,000 images is copied and checked by then, even on a busy machine:
 * one of 300,000 took 45 s.
 */
const PATIENCE_MS = 5_000;

const waitInRealTime = async (signal: AbortSignal) => {
  await delay(PATIENCE_MS, undefined, { signal, ref: false });
};

export function createBackupRuns(deps: BackupRunsDeps): BackupRuns {
  const { directory, keep, nameByTime, list, make, clock, logger, patience = waitInRealTime } = deps;
  const ending = new AbortController();
  let running: BackupRun | null = null;
  let lastFailure: BackupStanding['lastFailure'] = null;

  /** Never rejects. */
  const run = async (target: string, its: BackupRun): Promise<BackupOutcome> => {
    try {
      const { sizeBytes, left } = await make(target, keep, ending.signal);
      lastFailure = null;
      if (left.length > 0) logger.warn({ left }, 'older backups could not be removed');
      logger.info({ backup: target, sizeBytes }, 'the index has been backed up');
      return { ...its, state: 'done', sizeBytes };
    } catch (err) {
      const reason = err instanceof OvadexError ? err.message : 'an internal error; the log has more';
      lastFailure = { name: its.name, failedAt: clock(), reason };
      if (!ending.signal.aborted) logger.error({ err, backup: target }, 'the index could not be backed up');
      return { ...its, state: 'failed', reason };
    } finally {
      running = null;
    }
  };

  return {
    async start() {
      if (running !== null) {
        const since = new Date(running.startedAt).toISOString();
        throw new OvadexError(
          'conflict',
          `the backup ${running.name} has been running since ${since}; wait for its end`,
        );
      }
      const startedAt = clock();
      const target = nameByTime(directory, startedAt);
      const its = { name: basename(target), startedAt };
      running = its;
      const answered = new AbortController();
      const late = patience(answered.signal).then(
        (): BackupOutcome => ({ ...its, state: 'running' }),
        () => new Promise<never>(() => {}), // the answer was there first
      );
      const outcome = await Promise.race([run(target, its), late]);
      answered.abort();
      return outcome;
    },
    standing() {
      // It has its name a moment before older ones are removed, and it is told as made.
      const copies = list(directory).filter(({ name }) => name !== running?.name);
      return { directory, keep, copies, running, lastFailure };
    },
    end: () => ending.abort(),
  };
}
