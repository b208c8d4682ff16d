import type { Finding } from './finding.js';
import type { HostAmongOthers } from './host-differences.js';

/** The result of one check. */
export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Whether answers depend on it: a crawler that hangs is no reason to send clients elsewhere. */
  readonly required: boolean;
  /** The problem, without internals; null if there is none. */
  readonly detail: string | null;
}

/** How the daemon as a whole is doing, for an administrator. Times are ms since the epoch. */
export interface DaemonHealth {
  /** When `database`, `cluster` and `findings` were looked at. */
  readonly at: number;
  readonly version: string;
  readonly node: string;
  readonly startedAt: number;
  readonly checks: readonly HealthCheck[];
  readonly database: DatabaseFacts;
  readonly backups: BackupStanding;
  readonly configuration: ConfigurationStanding;
  /** The hosts that share the index; none if it is one's own. */
  readonly cluster: readonly HostAmongOthers[];
  /** What `ovadex doctor` finds without asking a storage. */
  readonly findings: readonly Finding[];
}

/** The index as a file. */
export interface DatabaseFacts {
  readonly file: string;
  /** What keeps it, and its version, such as `SQLite 3.50.4`. */
  readonly engine: string;
  readonly schema: number;
  readonly sizeBytes: number;
  /** What is written, but not in the file yet. */
  readonly logBytes: number;
  /** Room in the file that later writes use. */
  readonly freeBytes: number;
}

/** A copy of the index, as far as a look at its beginning and its size tells. */
export interface KeptCopy {
  readonly name: string;
  readonly sizeBytes: number;
  /** As its name says. */
  readonly madeAt: number;
  /** Null if it can't be read. */
  readonly schema: number | null;
  /** Whether it was made because a new version was about to change the schema. */
  readonly isBeforeMigration: boolean;
  /** Why it can't be restored; null if it looks whole. */
  readonly problem: string | null;
}

/** The copies of the index in the data directory, and the one that is being made. */
export interface BackupStanding {
  readonly directory: string;
  /** How many of each kind are kept. */
  readonly keep: number;
  /** The newest first. */
  readonly copies: readonly KeptCopy[];
  readonly running: BackupRun | null;
  /** The last one since the daemon's start that failed; null after one that didn't. */
  readonly lastFailure: { readonly name: string; readonly failedAt: number; readonly reason: string } | null;
}

export interface BackupRun {
  readonly name: string;
  readonly startedAt: number;
}

/** What became of a backup that was asked for. */
export type BackupOutcome =
  | (BackupRun & { readonly state: 'done'; readonly sizeBytes: number })
  /** It takes longer than anybody should wait for an answer. */
  | (BackupRun & { readonly state: 'running' })
  | (BackupRun & { readonly state: 'failed'; readonly reason: string });

/** The configuration in effect, and what the file says beside. */
export interface ConfigurationStanding {
  /** Null if the daemon has none that it could read again. */
  readonly file: string | null;
  /** In the form of the file, with defaults, and without secrets. */
  readonly text: string;
  /** Spaces that the text leaves out, since there are too many. */
  readonly spacesLeftOut: number;
  /** What is allowed, but probably unintended. */
  readonly warnings: readonly string[];
  /** Sections of which the text is not in effect before the next start. */
  readonly waitsForRestart: readonly string[];
  /** Why the file is refused as it is now; null if it isn't. */
  readonly refused: string | null;
  /** Why the text is not in effect yet; null if it is. */
  readonly pending: string | null;
}

/** What became of a configuration that was read again. */
export type ReloadOutcome =
  | { readonly state: 'refused'; readonly reason: string }
  | {
      readonly state: 'applied' | 'pending';
      /** Sections that differ from those in effect before. */
      readonly changed: readonly string[];
      readonly waitsForRestart: readonly string[];
      readonly warnings: readonly string[];
      /** Why it has to wait; null once it is in effect. */
      readonly reason: string | null;
    };
