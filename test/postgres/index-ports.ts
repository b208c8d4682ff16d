import type { Clock } from '../../src/domain/ports/clock.js';
import { readMigrations } from '../../src/platform/migrations.js';
import type { Database } from '../../src/postgres/connection/database.js';
import { createImageCatalogue } from '../../src/postgres/read/image-catalogue.js';
import { createPathTraces } from '../../src/postgres/read/path-traces.js';
import { createWebhookStore } from '../../src/postgres/webhooks/webhook-store.js';
import { createDescriptionStore } from '../../src/postgres/write/description-store.js';
import { createImageIndex } from '../../src/postgres/write/image-index.js';
import { createIndexHistory } from '../../src/postgres/write/index-history.js';
import { createIndexMaintenance } from '../../src/postgres/write/index-maintenance.js';
import { createLeadership } from '../../src/postgres/write/leadership.js';
import { createLinkStore } from '../../src/postgres/write/link-store.js';
import { createRunLog } from '../../src/postgres/write/run-log.js';
import { createSpaceRegistry } from '../../src/postgres/write/space-registry.js';
import { createSyncLog } from '../../src/postgres/write/sync-log.js';
import { createTokenStore } from '../../src/postgres/write/token-store.js';
import { lazily } from '../support/lazily.js';
import type { ReadIndexPorts } from '../support/memory-index/memory-index.js';

export const MIGRATIONS = readMigrations(new URL('../../migrations/postgres/', import.meta.url));

/** All ports of an index in PostgreSQL, each made when it is first asked for. */
export function portsOver(db: Database, clock: Clock): ReadIndexPorts {
  return lazily<ReadIndexPorts>({
    catalogue: () => createImageCatalogue(db),
    changes: () => ({ current: () => 0 }),
    index: () => createImageIndex(db, clock),
    maintenance: () => createIndexMaintenance(db),
    spaces: () => createSpaceRegistry(db, clock),
    leadership: () => createLeadership(db, clock),
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

/** What an index consists of, each table before those that it refers to. */
export const TABLES = [
  ...[
    'webhook_messages',
    'webhook_senders',
    'webhook_places',
    'webhooks',
    'descriptions',
    'images',
    'collections',
    'syncs',
    'tokens',
    'links',
  ],
  ...[
    'spaces',
    'runs',
    'hours',
    'timelines',
    'log_in_counts',
    'storage_places',
    'reading_turns',
    'storage_pauses',
    'storage_outages',
    'leadership',
    'hosts',
    'audit',
  ],
];

/** What an empty index has. */
export const FIRST_ROWS = `
  INSERT INTO webhook_messages VALUES (0);
  INSERT INTO runs (key, began_at) VALUES ('00000000000f', 0);`;

/** Makes an index as it was when it was created. */
export async function emptyIndex(db: Database): Promise<void> {
  await db.run(`TRUNCATE ${TABLES.join(', ')} RESTART IDENTITY CASCADE; ${FIRST_ROWS}`);
}
