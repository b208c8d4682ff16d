import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createTokenAuthority, type TokenAuthority } from '../auth/tokens.js';
import type { Config } from '../config/schema.js';
import type { ForgetUser } from '../domain/model/audit.js';
import type { ListDeparted } from '../domain/model/departed.js';
import type {
  Changes,
  Clock,
  ImageCatalogue,
  ImageIndex,
  ImageSnapshots,
  SpaceRegistry,
  SyncLog,
  Upkeep,
} from '../domain/ports.js';
import type { TokenStore } from '../domain/token-store.js';
import { type Backups, KEEP_BACKUPS } from '../sqlite/backup/backups.js';
import { keepDisplaced, pruneReplaced } from '../sqlite/backup/replaced.js';
import { requireUndamaged } from '../sqlite/check/start-check.js';
import { openDatabase } from '../sqlite/file/database.js';
import { createProbe } from '../sqlite/file/probe.js';
import { createUpkeep } from '../sqlite/file/upkeep.js';
import { checkpoint, createWalKeeper } from '../sqlite/file/wal.js';
import { createChanges } from '../sqlite/read/changes.js';
import { createListDeparted } from '../sqlite/read/departed-users.js';
import { createImageCatalogue } from '../sqlite/read/image-catalogue.js';
import { createImageSnapshots } from '../sqlite/read/image-snapshots.js';
import { createStanding, type ReadStanding } from '../sqlite/read/index-totals.js';
import { createTracePath, type TracePath } from '../sqlite/read/path-trace.js';
import { migrate } from '../sqlite/schema/migrate.js';
import { createForgetUser } from '../sqlite/write/forget-user.js';
import { createImageIndex } from '../sqlite/write/image-index.js';
import { createSpaceRegistry } from '../sqlite/write/space-registry.js';
import { createSyncLog } from '../sqlite/write/sync-log.js';
import { createTokenStore } from '../sqlite/write/token-store.js';
import { makeDataDirectory } from './data-directory.js';

/** The index and all that is kept beside it, over one connection. */
export interface Index {
  readonly catalogue: ImageCatalogue;
  readonly changes: Changes;
  /** Over connections of their own. */
  readonly snapshots: ImageSnapshots;
  readonly images: ImageIndex;
  readonly spaces: SpaceRegistry;
  readonly syncs: SyncLog;
  readonly upkeep: Upkeep;
  readonly tokens: TokenStore;
  readonly authority: TokenAuthority;
  readonly forget: ForgetUser;
  /** Who is left to be forgotten. */
  readonly departed: ListDeparted;
  readonly standing: ReadStanding;
  readonly trace: TracePath;
  /** Rejects with OvadexError `index` while the file can't be written; for a writer. */
  probe(): Promise<void>;
  /** As `keepDisplaced`. */
  keepDisplaced(isLogLeft: boolean): string;
  close(): void;
}

/** Where an index is, and how its copies are kept. */
export interface IndexPlace {
  readonly data: Pick<Config['data'], 'directory'> & Partial<Config['data']>;
}

export interface OpenIndexOptions {
  readonly readonly?: boolean;
  /** Damage is looked for first, as far as that takes no noticeable time. */
  readonly isToBeServed?: boolean;
  readonly clock?: Clock;
}

export const MIGRATIONS = new URL('../../migrations/', import.meta.url);

/**
 * Opens the data directory's index; a writer creates and migrates it first.
 * Throws OvadexError `index` where there is none to read or it can't be used, `damaged` where it is, and `foreign`
 * where a newer or another program made it.
 */
export function openIndex(
  place: IndexPlace,
  { readonly = false, isToBeServed = false, clock = Date.now }: OpenIndexOptions = {},
): Index {
  if (!readonly) makeDataDirectory(place.data.directory);
  const { replicated = false } = place.data;
  const db = openDatabase(fileOf(place), { readonly, replicated });
  try {
    if (isToBeServed) requireUndamaged(db);
    migrate(db, MIGRATIONS, { clock, backups: backupsOf(place) });
    return indexOver(db, { clock, replicated, keep: backupsOf(place).keep });
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens it for reading; null where nothing has made one yet. Throws as `openIndex` does. */
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
  return {
    catalogue: createImageCatalogue(db),
    changes: createChanges(db),
    snapshots: createImageSnapshots(db.name),
    images: createImageIndex(db, clock, keepsLog ? createWalKeeper(db) : undefined),
    spaces: createSpaceRegistry(db, clock),
    syncs: createSyncLog(db, clock),
    upkeep: createUpkeep(db, { replicated }),
    tokens,
    authority: createTokenAuthority({ tokens, clock }),
    forget: createForgetUser(db, clock),
    departed: createListDeparted(db),
    standing: createStanding(db),
    trace: createTracePath(db),
    probe: createProbe(db),
    keepDisplaced(isLogLeft) {
      const kept = keepDisplaced(db, isLogLeft, clock());
      pruneReplaced(db.name, keep, kept);
      return kept;
    },
    close() {
      try {
        // SQLite does it by itself for the last connection only, and not if that only reads. What is in a log that has lost
        // its name is lost with it, whoever copies it.
        if (keepsLog || (!db.readonly && !existsSync(`${db.name}-wal`))) checkpoint(db);
      } catch {
        // On a full disk or of a damaged file it stays in the log, where the next one to open the index finds it.
      }
      db.close();
    },
  };
}
