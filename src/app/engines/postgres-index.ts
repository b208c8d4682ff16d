import { newSigningKey, signingKeyOf } from '../../auth/signing-key.js';
import { createTokenAuthority } from '../../auth/tokens.js';
import { type DatabaseSettings, urlOfDatabase } from '../../config/sections/data.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Changes } from '../../domain/ports/image-catalogue.js';
import type { WebhookStore } from '../../domain/ports/webhook-store.js';
import { readMigrations } from '../../platform/migrations.js';
import { createDatabase, type Database } from '../../postgres/connection/database.js';
import { createPool } from '../../postgres/connection/pool.js';
import { createProbe } from '../../postgres/connection/probe.js';
import { createDatabaseFacts } from '../../postgres/read/database-facts.js';
import { createListDeparted } from '../../postgres/read/departed-users.js';
import { createImageCatalogue } from '../../postgres/read/image-catalogue.js';
import { createIndexTotals } from '../../postgres/read/index-totals.js';
import { createPathTraces } from '../../postgres/read/path-traces.js';
import { beginFirstRun } from '../../postgres/schema/first-run.js';
import { keepKey } from '../../postgres/schema/kept-keys.js';
import { migrate, requireNoCopy, schemaOf } from '../../postgres/schema/migrate.js';
import { createWebhookStore } from '../../postgres/webhooks/webhook-store.js';
import { createDescriptionStore } from '../../postgres/write/description-store.js';
import { createForgetUser } from '../../postgres/write/forget-user.js';
import { createImageIndex } from '../../postgres/write/image-index.js';
import { createIndexHistory } from '../../postgres/write/index-history.js';
import { createIndexMaintenance } from '../../postgres/write/index-maintenance.js';
import { createLinkStore } from '../../postgres/write/link-store.js';
import { createRunLog } from '../../postgres/write/run-log.js';
import { createSpaceRegistry } from '../../postgres/write/space-registry.js';
import { createSyncLog } from '../../postgres/write/sync-log.js';
import { createTokenStore } from '../../postgres/write/token-store.js';
import type { Index, OpenIndexOptions } from './index-ports.js';
import { poolOf } from './postgres-pool.js';

/** Returns the steps of the schema. */
export const postgresMigrations = () => readMigrations(new URL('../../../migrations/postgres/', import.meta.url));

/** Does what `openIndex` does, for an index in a database. */
export async function openPostgresIndex(
  settings: DatabaseSettings,
  { readonly = false, clock = Date.now }: OpenIndexOptions = {},
): Promise<Index> {
  const name = urlOfDatabase(settings);
  const db = createDatabase(createPool(poolOf(settings)));
  try {
    if (readonly) await requireCurrent(db, name);
    else await bringUpToDate(db, name, clock);
    return indexOver(db, name, clock);
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Does what `openIndexIfAny` does, for an index in a database. */
export async function openPostgresIndexIfAny(settings: DatabaseSettings): Promise<Index | null> {
  const db = createDatabase(createPool({ ...poolOf(settings), max: 1 }));
  try {
    if ((await schemaOf(db, postgresMigrations())) === 0) return null;
  } finally {
    await db.close();
  }
  return await openPostgresIndex(settings, { readonly: true });
}

/** What became of the schema of a database. */
export interface MigratedDatabase {
  readonly name: string;
  /** The version before; 0 for a database that had no index. */
  readonly from: number;
  readonly to: number;
}

/** Brings the schema up to date, or only says what that would do. Rejects as `openIndex` does. */
export async function migrateDatabase(
  settings: DatabaseSettings,
  { isDryRun, clock = Date.now }: { readonly isDryRun: boolean; readonly clock?: Clock },
): Promise<MigratedDatabase> {
  const name = urlOfDatabase(settings);
  const db = createDatabase(createPool({ ...poolOf(settings), max: 1 }));
  try {
    await requireNewEnough(db, name);
    const from = await schemaOf(db, postgresMigrations());
    if (!isDryRun) await bringUpToDate(db, name, clock);
    return { name, from, to: postgresMigrations().length };
  } finally {
    await db.close();
  }
}

async function bringUpToDate(db: Database, name: string, clock: Clock): Promise<void> {
  await makeSchema(db, name, { clock });
  await beginFirstRun(db, clock());
}

/** Brings the schema up to date, for daemons or for a copy; see `migrate`. Rejects as `openIndex` does. */
export async function makeSchema(
  db: Database,
  name: string,
  { clock = Date.now, isForCopy = false }: { readonly clock?: Clock; readonly isForCopy?: boolean },
): Promise<void> {
  await requireNewEnough(db, name);
  try {
    await migrate(db, postgresMigrations(), clock, { isForCopy });
  } catch (error) {
    // Such as a user who may create nothing, or a server without an extension: trouble of the database, not of this program.
    if (!(error instanceof Error) || !('severity' in error)) throw error;
    throw new OvadexError('index', `${name}: the schema can't be brought up to date: ${error.message}`, {
      cause: error,
    });
  }
}

/** Rejects with OvadexError `index` unless the schema is just that of this program, and `conflict` for an unfinished copy. */
export async function requireCurrent(db: Database, name: string): Promise<void> {
  await requireNoCopy(db);
  const migrations = postgresMigrations();
  const version = await schemaOf(db, migrations);
  if (version === migrations.length) return;
  if (version === 0) throw new OvadexError('index', `${name}: there is no index yet; the first start makes it`);
  throw new OvadexError(
    'index',
    `${name}: the index has schema ${version}, this program needs ${migrations.length}; "ovadex db migrate", or a start of the daemon, brings it up to date`,
  );
}

/** The first version in which all that the schema and the statements use works as they need it. */
const OLDEST_SERVER = 15;

async function requireNewEnough(db: Database, name: string): Promise<void> {
  const row = await db.row<{ version: string }>("SELECT current_setting('server_version') AS version");
  if (Number.parseInt(row?.version ?? '', 10) >= OLDEST_SERVER) return;
  throw new OvadexError('index', `${name}: PostgreSQL ${OLDEST_SERVER} or later is needed; this is ${row?.version}`);
}

function indexOver(db: Database, name: string, clock: Clock): Index {
  const tokens = createTokenStore(db);
  let webhooks: WebhookStore | undefined;
  return {
    catalogue: createImageCatalogue(db),
    changes: createUnaskedChanges(),
    snapshots: { open: () => Promise.reject(new OvadexError('unavailable', 'lists of this length are not read yet')) },
    images: createImageIndex(db, clock),
    descriptions: createDescriptionStore(db, { clock }),
    spaces: createSpaceRegistry(db, clock),
    syncs: createSyncLog(db, clock),
    maintenance: createIndexMaintenance(db),
    tokens,
    links: createLinkStore(db),
    get webhooks() {
      webhooks ??= createWebhookStore(db);
      return webhooks;
    },
    runs: createRunLog(db),
    authority: createTokenAuthority({ tokens, clock }),
    signingKey: async () => signingKeyOf(await keepKey(db, 'token', newSigningKey())),
    forget: createForgetUser(db, clock),
    departed: createListDeparted(db),
    totals: createIndexTotals(db),
    history: createIndexHistory(db),
    facts: createDatabaseFacts(db, name),
    traces: createPathTraces(db),
    probe: createProbe(db),
    close: db.close,
  };
}

/**
 * Each call is a stamp of its own: without asking the database nothing is known to be as it was.
 */
function createUnaskedChanges(): Changes {
  let stamp = 0;
  return {
    current() {
      stamp += 1;
      return stamp;
    },
  };
}
