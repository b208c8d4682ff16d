import type {
  BackupOutcome,
  ConfigurationStanding,
  DaemonHealth,
  HealthCheck,
  ReloadOutcome,
} from '../domain/diagnosis/daemon-health.js';
import type { Finding } from '../domain/diagnosis/finding.js';
import type { HostAmongOthers } from '../domain/diagnosis/host-differences.js';
import type { AuditRecord } from '../domain/model/audit.js';
import { timestamp } from './timestamp.js';

/** How the daemon as a whole is doing, as JSON. */
export interface HealthJson {
  readonly as_of: string;
  readonly version: string;
  readonly node: string;
  readonly sqlite: string | null;
  readonly started_on: string;
  readonly uptime_seconds: number;
  readonly checks: readonly HealthCheck[];
  readonly database: DatabaseJson;
  readonly backups: BackupsJson;
  readonly configuration: ConfigurationJson;
  readonly cluster: readonly ClusterHostJson[];
  readonly findings: readonly Finding[];
}

/** A host of those that share an index. */
export interface ClusterHostJson extends Pick<HostAmongOthers, 'roles' | 'version'> {
  readonly host: string;
  readonly started_on: string;
  readonly seen_on: string;
  readonly there: boolean;
  readonly leads: boolean;
  readonly differs_in: HostAmongOthers['differsIn'];
}

export interface DatabaseJson {
  readonly file: string;
  readonly engine: string;
  readonly size: number;
  readonly wal_size: number;
  readonly free_size: number;
  readonly schema: number;
}

export interface BackupsJson {
  readonly directory: string;
  readonly keep: number;
  readonly running: { readonly name: string; readonly started_on: string } | null;
  readonly last_failure: { readonly name: string; readonly failed_on: string; readonly reason: string } | null;
  readonly copies: readonly CopyJson[];
}

export interface CopyJson {
  readonly name: string;
  readonly size: number;
  readonly made_on: string;
  readonly schema: number | null;
  readonly before_migration: boolean;
  readonly valid: boolean;
  readonly problem: string | null;
}

export interface ConfigurationJson extends Pick<ConfigurationStanding, 'file' | 'text' | 'warnings'> {
  readonly spaces_left_out: number;
  readonly waits_for_restart: readonly string[];
  readonly refused: string | null;
  readonly pending: string | null;
}

/** A backup that was asked for. */
export interface BackupJson {
  readonly name: string;
  readonly state: 'done' | 'running';
  /** Null while it is being made. */
  readonly size: number | null;
  readonly started_on: string;
}

/** A configuration that was read again, and is valid. */
export interface ReloadJson {
  readonly state: 'applied' | 'pending';
  readonly changed: readonly string[];
  readonly waits_for_restart: readonly string[];
  readonly warnings: readonly string[];
  readonly reason: string | null;
}

/** An entry of the audit log. */
export interface AuditJson extends Omit<AuditRecord, 'time'> {
  readonly time: string;
}

export function healthToJson(health: DaemonHealth, now: number): HealthJson {
  const { database, backups, configuration } = health;
  const { running, lastFailure } = backups;
  return {
    as_of: timestamp(health.at),
    version: health.version,
    node: health.node,
    sqlite: /^SQLite (.*)$/.exec(database.engine)?.[1] ?? null,
    started_on: timestamp(health.startedAt),
    // Not below zero if the clock was set back.
    uptime_seconds: Math.max(0, Math.floor((now - health.startedAt) / 1_000)),
    checks: health.checks,
    database: {
      file: database.file,
      engine: database.engine,
      size: database.sizeBytes,
      wal_size: database.logBytes,
      free_size: database.freeBytes,
      schema: database.schema,
    },
    backups: {
      directory: backups.directory,
      keep: backups.keep,
      running: running && { name: running.name, started_on: timestamp(running.startedAt) },
      last_failure: lastFailure && {
        name: lastFailure.name,
        failed_on: timestamp(lastFailure.failedAt),
        reason: lastFailure.reason,
      },
      copies: backups.copies.map(({ name, sizeBytes, madeAt, schema, isBeforeMigration, problem }) => {
        const made = { name, size: sizeBytes, made_on: timestamp(madeAt), schema };
        return { ...made, before_migration: isBeforeMigration, valid: problem === null, problem };
      }),
    },
    configuration: {
      file: configuration.file,
      text: configuration.text,
      spaces_left_out: configuration.spacesLeftOut,
      warnings: configuration.warnings,
      waits_for_restart: configuration.waitsForRestart,
      refused: configuration.refused,
      pending: configuration.pending,
    },
    cluster: health.cluster.map(hostToJson),
    findings: health.findings,
  };
}

export function hostToJson(host: HostAmongOthers): ClusterHostJson {
  const { name, roles, version, startedAt, seenAt, isThere, leads, differsIn } = host;
  const times = { started_on: timestamp(startedAt), seen_on: timestamp(seenAt) };
  return { host: name, roles, version, ...times, there: isThere, leads, differs_in: differsIn };
}

export function backupToJson(backup: Exclude<BackupOutcome, { readonly state: 'failed' }>): BackupJson {
  const { name, state, startedAt } = backup;
  return { name, state, size: backup.state === 'done' ? backup.sizeBytes : null, started_on: timestamp(startedAt) };
}

export function reloadToJson(reload: Exclude<ReloadOutcome, { readonly state: 'refused' }>): ReloadJson {
  const { state, changed, waitsForRestart, warnings, reason } = reload;
  return { state, changed, waits_for_restart: waitsForRestart, warnings, reason };
}

export function auditToJson({ time, host, act, by, from, details, outcome }: AuditRecord): AuditJson {
  return { time: timestamp(time), host, act, by, from, details, outcome };
}
