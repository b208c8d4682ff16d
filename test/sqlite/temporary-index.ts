import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Clock } from '../../src/domain/ports/clock.js';
import { readMigrations } from '../../src/platform/migrations.js';
import { openDatabase } from '../../src/sqlite/file/database.js';
import { createIndexMaintenance } from '../../src/sqlite/file/index-maintenance.js';
import { createChanges, createImageCatalogue } from '../../src/sqlite/read/image-catalogue.js';
import { createPathTraces } from '../../src/sqlite/read/path-traces.js';
import { migrate } from '../../src/sqlite/schema/migrate.js';
import { createWebhookStore } from '../../src/sqlite/webhooks/webhook-store.js';
import { createDescriptionStore } from '../../src/sqlite/write/description-store.js';
import { createImageIndex } from '../../src/sqlite/write/image-index.js';
import { createIndexHistory } from '../../src/sqlite/write/index-history.js';
import { soleLeadership } from '../../src/sqlite/write/leadership.js';
import { createLinkStore } from '../../src/sqlite/write/link-store.js';
import { createRunLog } from '../../src/sqlite/write/run-log.js';
import { createSpaceRegistry } from '../../src/sqlite/write/space-registry.js';
import { createSyncLog } from '../../src/sqlite/write/sync-log.js';
import { createTokenStore } from '../../src/sqlite/write/token-store.js';
import type { IndexUnderTest } from '../contract/index-under-test.js';
import { lazily } from '../support/lazily.js';
import type { ReadIndexPorts } from '../support/memory-index/memory-index.js';

export const MIGRATIONS_FOLDER = new URL('../../migrations/', import.meta.url);
export const MIGRATIONS = readMigrations(MIGRATIONS_FOLDER);

/** All ports of the index, each with its statements prepared. */
export function portsOf(db: Database, clock: Clock): ReadIndexPorts {
  return { ...lazyPortsOf(db, clock) };
}

/** Makes a port when it is first asked for: most tests use few of them, and to prepare all statements takes about as long as a test. */
function lazyPortsOf(db: Database, clock: Clock, options: { readonly orderedFrom?: number } = {}): ReadIndexPorts {
  return lazily({
    catalogue: () => createImageCatalogue(db, options),
    changes: () => createChanges(db),
    index: () => createImageIndex(db, clock),
    maintenance: () => createIndexMaintenance(db),
    spaces: () => createSpaceRegistry(db, clock),
    leadership: () => soleLeadership,
    syncs: () => createSyncLog(db, clock),
    tokens: () => createTokenStore(db),
    links: () => createLinkStore(db),
    traces: () => createPathTraces(db),
    history: () => createIndexHistory(db),
    webhooks: () => createWebhookStore(db),
    runs: () => createRunLog(db),
    descriptions: () => createDescriptionStore(db, { clock }),
    descriptionsBy: () => (reader) => createDescriptionStore(db, { clock, reader }),
  });
}

export function temporaryDirectory(): { path: string; remove: () => void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'ovadex-index-'));
  return { path: directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

let emptyIndex: Buffer | undefined;

/** The bytes of a migrated index without content. All migrations would take many tests longer than what they test. */
function bytesOfEmptyIndex(): Buffer {
  if (emptyIndex !== undefined) return emptyIndex;
  const directory = temporaryDirectory();
  const file = path.join(directory.path, 'index.db');
  const db = openDatabase(file);
  migrate(db, MIGRATIONS);
  db.close();
  emptyIndex = readFileSync(file);
  directory.remove();
  return emptyIndex;
}

/** Lays a migrated index without content into a data directory that has none, so that whoever opens it there needn't make one. */
export function layEmptyIndex(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  writeFileSync(path.join(directory, 'ovadex.db'), bytesOfEmptyIndex(), { mode: 0o600 });
}

/**
 * A migrated index in a temporary file, with its connection for a look behind the ports. Lists of `orderedFrom` images or more are
 * ordered by numbers as long ones are; `bytes` are those of another one, if it is to be a copy.
 */
export async function makeSqliteIndex({
  bytes,
  ...options
}: {
  readonly orderedFrom?: number;
  readonly bytes?: Buffer | undefined;
} = {}): Promise<IndexUnderTest & ReadIndexPorts & { db: Database; file: string }> {
  const directory = temporaryDirectory();
  const file = path.join(directory.path, 'index.db');
  const clock = { now: 1_000 };
  writeFileSync(file, bytes ?? bytesOfEmptyIndex());
  const db = openDatabase(file);
  const close = async () => {
    db.close();
    directory.remove();
  };
  return Object.assign(
    lazyPortsOf(db, () => clock.now, options),
    { clock, db, file, close },
  );
}
