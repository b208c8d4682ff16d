import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createTokenAuthority, type TokenAuthority } from '../auth/tokens.js';
import type { Config } from '../config/schema.js';
import type { ForgetUser } from '../domain/model/audit.js';
import type { ListDeparted } from '../domain/model/departed.js';
import type { ReadIndexTotals } from '../domain/model/measurements.js';
import type { Clock } from '../domain/ports/clock.js';
import type { DescriptionStore } from '../domain/ports/description-store.js';
import type { Changes, ImageCatalogue, ImageSnapshots } from '../domain/ports/image-catalogue.js';
import type { RunLog } from '../domain/ports/image-changes.js';
import type { ImageIndex, IndexMaintenance } from '../domain/ports/image-index.js';
import type { IndexHistory } from '../domain/ports/index-history.js';
import type { LinkStore } from '../domain/ports/link-store.js';
import type { PathTraces } from '../domain/ports/path-traces.js';
import type { SpaceRegistry } from '../domain/ports/space-registry.js';
import type { SyncLog } from '../domain/ports/sync-log.js';
import type { TokenStore } from '../domain/ports/token-store.js';
import type { WebhookStore } from '../domain/ports/webhook-store.js';
import { type Backups, KEEP_BACKUPS } from '../sqlite/backup/backups.js';
import { keepDisplaced, pruneReplaced } from '../sqlite/backup/replaced.js';
import { requireUndamaged } from '../sqlite/check/start-check.js';
import { openDatabase } from '../sqlite/file/database.js';
import { createDatabaseFacts, type ReadDatabaseFacts } from '../sqlite/file/database-facts.js';
import { createIndexMaintenance } from '../sqlite/file/index-maintenance.js';
import { createProbe } from '../sqlite/file/probe.js';
import { checkpoint, createWalKeeper } from '../sqlite/file/wal.js';
import { createListDeparted } from '../sqlite/read/departed-users.js';
import { createChanges, createImageCatalogue } from '../sqlite/read/image-catalogue.js';
import { createImageSnapshots } from '../sqlite/read/image-snapshots.js';
import { createIndexTotals } from '../sqlite/read/index-totals.js';
import { createPathTraces } from '../sqlite/read/path-traces.js';
import { migrate } from '../sqlite/schema/migrate.js';
import { createWebhookStore } from '../sqlite/webhooks/webhook-store.js';
import { createDescriptionStore } from '../sqlite/write/description-store.js';
import { createForgetUser } from '../sqlite/write/forget-user.js';
import { createImageIndex } from '../sqlite/write/image-index.js';
import { createIndexHistory } from '../sqlite/write/index-history.js';
import { createLinkStore } from '../sqlite/write/link-store.js';
import { createRunLog } from '../sqlite/write/run-log.js';
import { createSpaceRegistry } from '../sqlite/write/space-registry.js';
import { createSyncLog } from '../sqlite/write/sync-log.js';
import { createTokenStore } from '../sqlite/write/token-store.js';
import { makeDataDirectory } from './data-directory.js';

/** The index and everything else in its file, over one connection. */
export interface Index {
  readonly catalogue: ImageCatalogue;
  readonly changes: Changes;
  /** Snapshots, which have their own connections. */
  readonly snapshots: ImageSnapshots;
  readonly images: ImageIndex;
  readonly descriptions: DescriptionStore;
  readonly spaces: SpaceRegistry;
  readonly syncs: SyncLog;
  readonly maintenance: IndexMaintenance;
  readonly tokens: TokenStore;
  readonly links: LinkStore;
  /** Made when it is asked for, since most daemons have no webhooks. */
  readonly webhooks: WebhookStore;
  readonly runs: RunLog;
  readonly authority: TokenAuthority;
  readonly forget: ForgetUser;
  /** Users who have left and can be deleted. */
  readonly departed: ListDeparted;
  readonly totals: ReadIndexTotals;
  readonly history: IndexHistory;
  /** The index as a file. */
  readonly facts: ReadDatabaseFacts;
  readonly traces: PathTraces;
  /** For a writer: rejects with OvadexError `index` while the file can't be written. */
  probe(): Promise<void>;
  /** Saves the contents of a displaced index; see `keepDisplaced`. */
  keepDisplaced(isLogLeft: boolean): string;
  close(): void;
}

/** The place of an index, and how its copies are kept. */
export interface IndexPlace {
  readonly data: Pick<Config['data'], 'directory'> & Partial<Config['data']>;
}

export interface OpenIndexOptions {
  readonly readonly?: boolean;
  /** Checks for damage first, as far as that takes no noticeable time. */
  readonly checkFirst?: boolean;
  readonly clock?: Clock;
}

export const MIGRATIONS = new URL('../../migrations/', import.meta.url);

/**
 * Opens the data directory's index; a writer creates and migrates it first. Throws OvadexError `index` if there is none
 * to read or it can't be used, `damaged` if it is damaged, and `foreign` if it was made by a newer ovadex or another
 * program.
 */
export function openIndex(
  place: IndexPlace,
  { readonly = false, checkFirst = false, clock = Date.now }: OpenIndexOptions = {},
): Index {
  if (!readonly) makeDataDirectory(place.data.directory);
  const { replicated = false } = place.data;
  const db = openDatabase(fileOf(place), { readonly, replicated });
  try {
    if (checkFirst) requireUndamaged(db);
    migrate(db, MIGRATIONS, { clock, backups: backupsOf(place) });
    return indexOver(db, { clock, replicated, keep: backupsOf(place).keep });
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens the index for reading; null if none has been created yet. Throws the errors of `openIndex`. */
export function openIndexIfAny(place: IndexPlace): Index | null {
  return existsSync(fileOf(place)) ? openIndex(place, { readonly: true }) : null;
}

export function fileOf({ data }: IndexPlace): string {
  return join(data.directory, 'ovadex.db');
}

export function backupsOf({ data }: IndexPlace): Backups {
  return { directory: join(data.directory, 'backups'), keep: data.keepBackups ?? KEEP_BACKUPS };
}

function indexOver(
  db: ReturnType<typeof openDatabase>,
  { clock, replicated, keep }: { readonly clock: Clock; readonly replicated: boolean; readonly keep: number },
): Index {
  const keepsLog = !db.readonly && !replicated;
  const tokens = createTokenStore(db);
  let webhooks: WebhookStore | undefined;
  const keepWal = keepsLog ? createWalKeeper(db) : undefined;
  return {
    catalogue: createImageCatalogue(db),
    changes: createChanges(db),
    snapshots: createImageSnapshots(db.name),
    images: createImageIndex(db, clock, keepWal),
    descriptions: createDescriptionStore(db, { clock, onCommit: keepWal }),
    spaces: createSpaceRegistry(db, clock),
    syncs: createSyncLog(db, clock),
    maintenance: createIndexMaintenance(db, { replicated }),
    tokens,
    links: createLinkStore(db),
    get webhooks() {
      webhooks ??= createWebhookStore(db);
      return webhooks;
    },
    runs: createRunLog(db),
    authority: createTokenAuthority({ tokens, clock }),
    forget: createForgetUser(db, clock),
    departed: createListDeparted(db),
    totals: createIndexTotals(db),
    history: createIndexHistory(db),
    facts: createDatabaseFacts(db),
    traces: createPathTraces(db),
    probe: createProbe(db),
    keepDisplaced(isLogLeft) {
      const kept = keepDisplaced(db, isLogLeft, clock());
      pruneReplaced(db.name, keep, kept);
      return kept;
    },
    close() {
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
}
