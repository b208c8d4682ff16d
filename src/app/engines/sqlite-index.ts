import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalCounts } from '../../auth/local-counts.js';
import { loadSigningKey } from '../../auth/signing-key.js';
import { createTokenAuthority } from '../../auth/tokens.js';
import type { Migration } from '../../domain/model/migration.js';
import type { Clock } from '../../domain/ports/clock.js';
import { readMigrations } from '../../platform/migrations.js';
import { type Backups, KEEP_BACKUPS } from '../../sqlite/backup/backups.js';
import { keepDisplaced, pruneReplaced } from '../../sqlite/backup/replaced.js';
import { requireUndamaged } from '../../sqlite/check/start-check.js';
import { openDatabase } from '../../sqlite/file/database.js';
import { createDatabaseFacts } from '../../sqlite/file/database-facts.js';
import { createIndexMaintenance } from '../../sqlite/file/index-maintenance.js';
import { createProbe } from '../../sqlite/file/probe.js';
import { checkpoint, createWalKeeper } from '../../sqlite/file/wal.js';
import { createListDeparted } from '../../sqlite/read/departed-users.js';
import { createChanges, createImageCatalogue } from '../../sqlite/read/image-catalogue.js';
import { createImageSnapshots } from '../../sqlite/read/image-snapshots.js';
import { createIndexTotals } from '../../sqlite/read/index-totals.js';
import { createPathTraces } from '../../sqlite/read/path-traces.js';
import { migrate } from '../../sqlite/schema/migrate.js';
import { createWebhookStore } from '../../sqlite/webhooks/webhook-store.js';
import { createDescriptionStore } from '../../sqlite/write/description-store.js';
import { createForgetNameless, createForgetUser } from '../../sqlite/write/forget-user.js';
import { createImageIndex } from '../../sqlite/write/image-index.js';
import { createIndexHistory } from '../../sqlite/write/index-history.js';
import { soleLeadership } from '../../sqlite/write/leadership.js';
import { createLinkStore } from '../../sqlite/write/link-store.js';
import { createRunLog } from '../../sqlite/write/run-log.js';
import { createSpaceRegistry } from '../../sqlite/write/space-registry.js';
import { createSyncLog } from '../../sqlite/write/sync-log.js';
import { createTokenStore } from '../../sqlite/write/token-store.js';
import { withPartsOnDemand } from '../demand/parts-on-demand.js';
import { makeDataDirectory } from './data-directory.js';
import type { Index, IndexPlace, OpenIndexOptions } from './index-ports.js';

/** An index in a file. */
export interface SqliteIndex extends Index {
  /** Saves the contents of a displaced index; see `keepDisplaced`. */
  keepDisplaced(isLogLeft: boolean): string;
}

let steps: readonly Migration[] | undefined;

/**
 * Returns the steps of the schema, read once: an upgrade may replace the files while this program runs, which would take the
 * schema beyond what it knows.
 */
export const sqliteMigrations = () => (steps ??= readMigrations(new URL('../../../migrations/', import.meta.url)));

/** Does what `openIndex` does, for an index in the data directory. */
export function openSqliteIndex(
  place: IndexPlace,
  { readonly = false, checkFirst = false, clock = Date.now }: OpenIndexOptions = {},
): SqliteIndex {
  if (!readonly) makeDataDirectory(place.data.directory);
  const { replicated = false } = place.data;
  const db = openDatabase(fileOf(place), { readonly, replicated });
  try {
    if (checkFirst) requireUndamaged(db);
    migrate(db, sqliteMigrations(), { clock, backups: backupsOf(place) });
    return indexOver(db, { clock, replicated, keep: backupsOf(place).keep, directory: place.data.directory });
  } catch (error) {
    db.close();
    throw error;
  }
}

export function fileOf({ data }: IndexPlace): string {
  return join(data.directory, 'ovadex.db');
}

export function backupsOf({ data }: IndexPlace): Backups {
  return { directory: join(data.directory, 'backups'), keep: data.keepBackups ?? KEEP_BACKUPS };
}

function indexOver(
  db: ReturnType<typeof openDatabase>,
  {
    clock,
    replicated,
    keep,
    directory,
  }: { readonly clock: Clock; readonly replicated: boolean; readonly keep: number; readonly directory: string },
): SqliteIndex {
  const keepsLog = !db.readonly && !replicated;
  const keepWal = keepsLog ? createWalKeeper(db) : undefined;
  const whole = {
    clock,
    outage: null,
    leadership: soleLeadership,
    hosts: null,
    audit: null,
    sharedRun: null,
    places: null,
    readingTurns: null,
    storageOutages: null,
    // Beside the file, so that no copy of the index has it.
    signingKey: () => loadSigningKey(directory),
    unsafeSettings: async () => [],
    keepDisplaced(isLogLeft: boolean) {
      const kept = keepDisplaced(db, isLogLeft, clock());
      pruneReplaced(db.name, keep, kept);
      return kept;
    },
    async close() {
      try {
        // SQLite does it only for the last connection, and not if that is read-only. The contents of a log that has
        // lost its name would be missing from any copy.
        if (keepsLog || (!db.readonly && !existsSync(`${db.name}-wal`))) checkpoint(db);
      } catch {
        // On a full disk, or if the file is damaged, the data stays in the log, where the next process to open the
        // index finds it.
      }
      db.close();
    },
  };
  // A short command needs three of them, and preparing the statements of all takes a twentieth of its time.
  const index: SqliteIndex = withPartsOnDemand<typeof whole, Omit<SqliteIndex, keyof typeof whole>>(whole, {
    catalogue: () => createImageCatalogue(db),
    changes: () => createChanges(db),
    snapshots: () => createImageSnapshots(db.name),
    images: () => createImageIndex(db, clock, keepWal),
    descriptions: () => createDescriptionStore(db, { clock, onCommit: keepWal }),
    spaces: () => createSpaceRegistry(db, clock),
    syncs: () => createSyncLog(db, clock),
    maintenance: () => createIndexMaintenance(db, { replicated }),
    tokens: () => createTokenStore(db),
    links: () => createLinkStore(db),
    logInCounts: () => createLocalCounts(clock),
    webhooks: () => createWebhookStore(db),
    runs: () => createRunLog(db),
    authority: () => createTokenAuthority({ tokens: index.tokens, clock }),
    forget: () => createForgetUser(db, clock),
    forgetRest: () => createForgetNameless(db, clock).all,
    departed: () => createListDeparted(db),
    totals: () => createIndexTotals(db),
    history: () => createIndexHistory(db),
    facts: () => createDatabaseFacts(db),
    traces: () => createPathTraces(db),
    probe: () => createProbe(db),
  });
  return index;
}
