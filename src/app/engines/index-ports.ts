import type { SigningKey } from '../../auth/signing-key.js';
import type { TokenAuthority } from '../../auth/tokens.js';
import type { Config } from '../../config/schema.js';
import type { ForgetRest, ForgetUser } from '../../domain/model/audit.js';
import type { ListDeparted } from '../../domain/model/departed.js';
import type { IndexOutage } from '../../domain/policy/stale-serving.js';
import type { AuditLog } from '../../domain/ports/audit-log.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { DescriptionStore } from '../../domain/ports/description-store.js';
import type { HostRegister } from '../../domain/ports/host-register.js';
import type { Changes, ImageCatalogue, ImageSnapshots } from '../../domain/ports/image-catalogue.js';
import type { RunLog } from '../../domain/ports/image-changes.js';
import type { ImageIndex, IndexMaintenance } from '../../domain/ports/image-index.js';
import type { ReadDatabaseFacts, ReadIndexTotals } from '../../domain/ports/index-facts.js';
import type { IndexHistory } from '../../domain/ports/index-history.js';
import type { Leadership } from '../../domain/ports/leadership.js';
import type { LinkStore } from '../../domain/ports/link-store.js';
import type { LogInCounts } from '../../domain/ports/log-in-counts.js';
import type { PathTraces } from '../../domain/ports/path-traces.js';
import type { SpaceRegistry } from '../../domain/ports/space-registry.js';
import type { ReadingTurns, StorageOutages, StoragePlaces } from '../../domain/ports/storage-places.js';
import type { SyncLog } from '../../domain/ports/sync-log.js';
import type { TokenStore } from '../../domain/ports/token-store.js';
import type { WebhookStore } from '../../domain/ports/webhook-store.js';

/** The index and everything else in its database, whichever engine that is. */
export interface Index {
  /** The time by which everything in it is dated: that of all who write it, not of one host, where several do. */
  readonly clock: Clock;
  readonly catalogue: ImageCatalogue;
  readonly changes: Changes;
  /** What is known of a database that may be away; null for a file. */
  readonly outage: IndexOutage | null;
  /** Snapshots, which have their own connections. */
  readonly snapshots: ImageSnapshots;
  readonly images: ImageIndex;
  readonly descriptions: DescriptionStore;
  readonly spaces: SpaceRegistry;
  readonly leadership: Leadership;
  /** The hosts that share it; null if it is one's own. */
  readonly hosts: HostRegister | null;
  /** What was done on all hosts that share it; null if it is one's own. */
  readonly audit: AuditLog | null;
  readonly syncs: SyncLog;
  readonly maintenance: IndexMaintenance;
  readonly tokens: TokenStore;
  readonly links: LinkStore;
  /** What log-ins are counted by: at all hosts together, or in this process if a file keeps the index. */
  readonly logInCounts: LogInCounts;
  /** Made when it is asked for, since most daemons have no webhooks. */
  readonly webhooks: WebhookStore;
  readonly runs: RunLog;
  /** The run that all hosts of this index share, by which clients tell revisions apart; null: each process has its own. */
  readonly sharedRun: string | null;
  /** What all who ask storages share; null: one process asks them, and has all places. */
  readonly places: StoragePlaces | null;
  /** Which crawler reads images of a storage; null: there is one. */
  readonly readingTurns: ReadingTurns | null;
  /** What crawlers tell each other of storages that are down; null: there is one. */
  readonly storageOutages: StorageOutages | null;
  readonly authority: TokenAuthority;
  /** Returns the key of session tokens; made when it is first asked for. */
  signingKey(): Promise<SigningKey>;
  readonly forget: ForgetUser;
  readonly forgetRest: ForgetRest;
  /** Users who have left and can be deleted. */
  readonly departed: ListDeparted;
  readonly totals: ReadIndexTotals;
  readonly history: IndexHistory;
  readonly facts: ReadDatabaseFacts;
  /** Returns which settings of a database's server may cost what was committed; see `diagnoseDurability`. */
  unsafeSettings(): Promise<readonly string[]>;
  readonly traces: PathTraces;
  /** For a writer: rejects with OvadexError `index` while nothing can be written. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** The place of an index, and how its copies are kept. */
export interface IndexPlace {
  readonly data: Pick<Config['data'], 'directory'> & Partial<Config['data']>;
}

export interface OpenIndexOptions {
  readonly readonly?: boolean;
  /** Checks for damage first, as far as that takes no noticeable time. */
  readonly checkFirst?: boolean;
  /** The clock of an index in a file. */
  readonly clock?: Clock;
  /**
   * Called once if the server of a database turns out to have another history than it had when the index was opened. From
   * then on nothing can be read or written.
   */
  readonly onOtherHistory?: () => void;
  /** Called each time that a database has turned out to be away, or to be back. */
  readonly onOutage?: (isAway: boolean) => void;
}
