import { newSigningKey, signingKeyOf } from '../../auth/signing-key.js';
import { createTokenAuthority } from '../../auth/tokens.js';
import { type DatabaseSettings, urlOfDatabase } from '../../config/sections/data.js';
import type { AuditEntry } from '../../domain/model/audit.js';
import { OvadexError } from '../../domain/model/errors.js';
import type { Migration } from '../../domain/model/migration.js';
import type { WebhookStore } from '../../domain/ports/webhook-store.js';
import { readMigrations } from '../../platform/migrations.js';
import { createDatabase, type Database } from '../../postgres/connection/database.js';
import { askTime, type DatabaseClock, openDatabaseClock } from '../../postgres/connection/database-clock.js';
import { createHistoryGuard } from '../../postgres/connection/history-guard.js';
import { askedBy } from '../../postgres/connection/outage.js';
import { createPool } from '../../postgres/connection/pool.js';
import { createProbe } from '../../postgres/connection/probe.js';
import { beginRun, runOf } from '../../postgres/connection/timeline.js';
import { createDatabaseFacts } from '../../postgres/read/database-facts.js';
import { createListDeparted } from '../../postgres/read/departed-users.js';
import { readUnsafeSettings } from '../../postgres/read/durability.js';
import { createImageCatalogue } from '../../postgres/read/image-catalogue.js';
import { createImageSnapshots } from '../../postgres/read/image-snapshots.js';
import { createIndexTotals } from '../../postgres/read/index-totals.js';
import { createPathTraces } from '../../postgres/read/path-traces.js';
import { keepKey, SIGNING_KEY } from '../../postgres/schema/kept-keys.js';
import { migrate, requireNoCopy, schemaOf } from '../../postgres/schema/migrate.js';
import { createWebhookStore } from '../../postgres/webhooks/webhook-store.js';
import { createAuditLog } from '../../postgres/write/audit-log.js';
import { createDescriptionStore } from '../../postgres/write/description-store.js';
import { createForgetNameless, createForgetUser } from '../../postgres/write/forget-user.js';
import { createHostRegister } from '../../postgres/write/host-register.js';
import { createImageIndex } from '../../postgres/write/image-index.js';
import { createIndexHistory } from '../../postgres/write/index-history.js';
import { createIndexMaintenance } from '../../postgres/write/index-maintenance.js';
import { createLeadership } from '../../postgres/write/leadership.js';
import { createLinkStore } from '../../postgres/write/link-store.js';
import { createLogInCounts } from '../../postgres/write/log-in-counts.js';
import { createReadingTurns } from '../../postgres/write/reading-turns.js';
import { createRunLog } from '../../postgres/write/run-log.js';
import { createSpaceRegistry } from '../../postgres/write/space-registry.js';
import { createStorageOutages } from '../../postgres/write/storage-outages.js';
import { createStoragePlaces } from '../../postgres/write/storage-places.js';
import { createSyncLog } from '../../postgres/write/sync-log.js';
import { createTokenStore } from '../../postgres/write/token-store.js';
import type { Index, OpenIndexOptions } from './index-ports.js';
import { poolOf } from './postgres-client.js';
import { followOnDemand, HERE, type LineOfIndex } from './postgres-line.js';

let steps: readonly Migration[] | undefined;

/**
 * Returns the steps of the schema, read once: an upgrade may replace the files while this program runs, which would take the
 * schema beyond what it knows.
 */
export const postgresMigrations = () =>
  (steps ??= readMigrations(new URL('../../../migrations/postgres/', import.meta.url)));

/** Who asks for a list waits no longer; see `createDatabase`. */
const ANSWERED_WITHIN_MS = 10_000;
/** A host goes on with a transaction at once; the locks of one that was cut off in the middle of it keep others from its spaces. */
const IDLE_WITHIN_MS = 10_000;

/** Does what `openIndex` does, for an index in a database. */
export async function openPostgresIndex(
  settings: DatabaseSettings,
  {
    readonly = false,
    onOtherHistory = () => undefined,
    onOutage,
  }: Pick<OpenIndexOptions, 'readonly' | 'onOtherHistory' | 'onOutage'> = {},
): Promise<Index> {
  const name = urlOfDatabase(settings);
  const { admit, hold } = createHistoryGuard(() => {
    // Nothing that was read before can be told from what is there now.
    line.distrust();
    onOtherHistory();
  });
  if (!readonly) hold(await bringUpToDateAt(settings, name));
  const connections = createPool(poolOf(settings), async (connection) => {
    await admit(connection);
    await connection.run(`SET idle_in_transaction_session_timeout = ${IDLE_WITHIN_MS}`);
  });
  const db = createDatabase(connections, readonly ? 0 : ANSWERED_WITHIN_MS);
  const line = followOnDemand(settings, { admit, connections, db, onOutage });
  try {
    if (readonly) await requireCurrent(db, name);
    // Only what is written is dated.
    const clock = readonly
      ? { now: Date.now, close: () => Promise.resolve() }
      : await openDatabaseClock({ ask: () => askTime(db), wall: Date.now, ...HERE });
    return indexOver(db, { name, run: await runOf(db), clock, line });
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

/** Keeps an entry of a host's audit log in a database, by a connection of its own. */
export async function keepAuditAt(settings: DatabaseSettings, host: string, entry: AuditEntry): Promise<void> {
  const db = createDatabase(createPool({ ...poolOf(settings), max: 1 }), ANSWERED_WITHIN_MS);
  try {
    const now = Math.floor(await askTime(db));
    await createAuditLog(db, () => now).add(host, entry);
  } finally {
    await db.close();
  }
}

/** What became of the schema of a database. */
export interface MigratedDatabase {
  readonly name: string;
  /** The version before; 0 for a database that had no index. */
  readonly from: number;
  readonly to: number;
}

/** Brings the schema up to date, or only says what that would do. Rejects as `openIndex` does. */
export async function migrateDatabaseAt(
  settings: DatabaseSettings,
  { isDryRun }: { readonly isDryRun: boolean },
): Promise<MigratedDatabase> {
  const name = urlOfDatabase(settings);
  const db = createDatabase(createPool({ ...poolOf(settings), max: 1 }));
  try {
    await requireNewEnough(db, name);
    const from = await schemaOf(db, postgresMigrations());
    if (!isDryRun) await bringUpToDate(db, name);
    return { name, from, to: postgresMigrations().length };
  } finally {
    await db.close();
  }
}

/** Returns the timeline of the server. */
async function bringUpToDateAt(settings: DatabaseSettings, name: string): Promise<string> {
  // Steps of the schema take as long as they take, and other hosts wait for the one that does them.
  const db = createDatabase(createPool({ ...poolOf(settings), max: 1 }));
  try {
    return await bringUpToDate(db, name);
  } finally {
    await db.close();
  }
}

async function bringUpToDate(db: Database, name: string): Promise<string> {
  await makeSchema(db, name);
  return await beginRun(db);
}

/** Brings the schema up to date, for daemons or for a copy; see `migrate`. Rejects as `openIndex` does. */
export async function makeSchema(
  db: Database,
  name: string,
  { isForCopy = false }: { readonly isForCopy?: boolean } = {},
): Promise<void> {
  await requireNewEnough(db, name);
  try {
    await migrate(db, postgresMigrations(), Date.now, { isForCopy });
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

interface OfDatabase {
  readonly name: string;
  readonly run: string | null;
  readonly clock: DatabaseClock;
  readonly line: LineOfIndex;
}

function indexOver(database: Database, { name, run, clock: databaseClock, line }: OfDatabase): Index {
  const db = askedBy(line.outage, database);
  const { now: clock } = databaseClock;
  const tokens = createTokenStore(db);
  let webhooks: WebhookStore | undefined;
  return {
    clock,
    catalogue: createImageCatalogue(db),
    changes: line,
    outage: {
      isAway: line.outage.isAway,
      briefly: line.outage.briefly,
      ageOf: line.ageOf,
      mayHaveEnded: line.mayHaveEnded,
    },
    snapshots: createImageSnapshots(db),
    images: createImageIndex(db, clock),
    descriptions: createDescriptionStore(db, { clock }),
    spaces: createSpaceRegistry(db, clock),
    leadership: createLeadership(db, clock),
    hosts: createHostRegister(db, postgresMigrations().length),
    audit: createAuditLog(db, clock),
    syncs: createSyncLog(db, clock),
    maintenance: createIndexMaintenance(db),
    tokens,
    links: createLinkStore(db),
    logInCounts: createLogInCounts(db, clock),
    get webhooks() {
      webhooks ??= createWebhookStore(db);
      return webhooks;
    },
    runs: createRunLog(db),
    sharedRun: run,
    places: createStoragePlaces(db, clock),
    readingTurns: createReadingTurns(db, clock),
    storageOutages: createStorageOutages(db, clock),
    authority: createTokenAuthority({ tokens, clock }),
    signingKey: async () => signingKeyOf(await keepKey(db, SIGNING_KEY, newSigningKey())),
    forget: createForgetUser(db, clock),
    forgetRest: createForgetNameless(db, clock).all,
    departed: createListDeparted(db),
    totals: createIndexTotals(db),
    history: createIndexHistory(db),
    facts: createDatabaseFacts(db, name),
    unsafeSettings: () => readUnsafeSettings(db),
    traces: createPathTraces(db),
    probe: createProbe(db),
    async close() {
      await Promise.all([databaseClock.close(), line.close()]);
      await db.close();
    },
  };
}
