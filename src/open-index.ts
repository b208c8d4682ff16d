import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createTokenAuthority, type TokenAuthority } from './auth/tokens.js';
import type { Config } from './config/schema.js';
import type { Clock, ImageCatalogue, ImageIndex, SpaceRegistry, SyncLog, TokenStore } from './domain/ports.js';
import { openDatabase } from './sqlite/database.js';
import { createImageCatalogue } from './sqlite/image-catalogue.js';
import { createImageIndex } from './sqlite/image-index.js';
import { migrate } from './sqlite/migrate.js';
import { createProbe } from './sqlite/probe.js';
import { createSpaceRegistry } from './sqlite/space-registry.js';
import { createSyncLog } from './sqlite/sync-log.js';
import { createTokenStore } from './sqlite/token-store.js';

/** The index and all that is kept beside it, over one connection. */
export interface Index {
  readonly catalogue: ImageCatalogue;
  readonly images: ImageIndex;
  readonly spaces: SpaceRegistry;
  readonly syncs: SyncLog;
  readonly tokens: TokenStore;
  readonly authority: TokenAuthority;
  /** Rejects with OvadexError `index` while the file can't be written; for a writer. */
  probe(): Promise<void>;
  close(): void;
}

const MIGRATIONS = new URL('../migrations/', import.meta.url);
const FILE = 'ovadex.db';

/**
 * Opens the data directory's index; a writer creates and migrates it first.
 * Throws OvadexError `index` where there is none to read, or it can't be used.
 */
export function openIndex(
  config: Pick<Config, 'data'>,
  { readonly = false, clock = Date.now }: { readonly?: boolean; readonly clock?: Clock } = {},
): Index {
  const { directory } = config.data;
  if (!readonly) mkdirSync(directory, { recursive: true, mode: 0o750 });
  const db = openDatabase(join(directory, FILE), { readonly });
  if (!readonly) migrate(db, MIGRATIONS);
  const tokens = createTokenStore(db);
  return {
    catalogue: createImageCatalogue(db),
    images: createImageIndex(db, clock),
    spaces: createSpaceRegistry(db, clock),
    syncs: createSyncLog(db, clock),
    tokens,
    authority: createTokenAuthority({ tokens, clock }),
    probe: createProbe(db),
    close: () => void db.close(),
  };
}
