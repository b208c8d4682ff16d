import * as z from 'zod';
import type { FailedLogInsSetting } from '../domain/hosts/lock-out.js';
import type { RequestsPerHostSetting } from '../domain/hosts/requests-at-once.js';
import type { DiscoverySettings, SpaceSettings, UserFolder } from '../domain/model/space.js';
import type { IssuerSettings } from '../domain/model/token.js';
import type { WebhookSettings } from '../domain/webhooks/webhook.js';
import {
  collectionUrl,
  cron,
  glob,
  list,
  section,
  timeout,
  timeZone,
  wholeNumber,
  wholeNumberOr,
  word,
} from './fields/fields.js';
import type { SchemaSurroundings } from './fields/files.js';
import { origin, rateLimit, serveStale, waitsPerUser } from './sections/api.js';
import { failedLogIns, forwardClientAddress, issuers } from './sections/auth.js';
import { connectionKeys } from './sections/connection.js';
import { authSchema } from './sections/credentials.js';
import { type DataSettings, dataSection } from './sections/data.js';
import { type DescribeSettings, describeSection } from './sections/describe.js';
import { includeSchema } from './sections/include.js';
import { type LinkSettings, linkSection } from './sections/link.js';
import { lookBudget } from './sections/looks.js';
import { type MaintenanceSettings, maintenanceSection } from './sections/maintenance.js';
import { ROLES, type Role, rolesSchema, troubleOfRoles } from './sections/roles.js';
import { serverSection } from './sections/server.js';
import { spacesSchema } from './sections/spaces.js';
import { webhooksSchema } from './sections/webhooks.js';

export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** `mode` and `group` say who may connect, if configured. */
  | { readonly kind: 'unix'; readonly path: string; readonly mode?: number; readonly group?: string };

/** The whole validated configuration: defaults filled in, secrets read, paths absolute. */
export interface Config {
  readonly server: {
    readonly listen: ListenAddress;
    /** Address at which anybody may read health and metrics; null for no such listener. */
    readonly metricsListen: ListenAddress | null;
    /** Base of links, without a trailing slash; null if links follow the request's Host. */
    readonly publicUrl: string | null;
    /** Addresses, networks (CIDR) or the word `unix` whose `X-Forwarded-For` is trusted. */
    readonly trustedProxies: readonly string[];
    /** How long an idle connection is kept open, in ms. */
    readonly keepAliveMs: number;
    /** Whether pages for people are served. */
    readonly console: boolean;
  };
  readonly data: DataSettings;
  /** What this host does. */
  readonly roles: readonly Role[];
  readonly api: {
    /** Whether `/v2/image` lists the caller's own space or the public ones. */
    readonly catalogue: 'personal' | 'public';
    /** Origins whose pages may read responses, as browsers send them; "*" for any. */
    readonly corsOrigins: readonly string[];
    /** Requests that a user may make in a window; null for no limit. */
    readonly rateLimit: { readonly requests: number; readonly windowMs: number } | null;
    /** Requests and streams of one user that may wait for changes at a time. */
    readonly waitsPerUser: number;
    /** How long prepared lists are served while a database is away, in ms; 0: never. */
    readonly serveStaleMs: number;
  };
  readonly auth: {
    /** Issuers whose tokens are accepted in addition to those issued here. */
    readonly issuers: readonly IssuerSettings[];
    /** Failed log-ins that are risked at one storage in half an hour. */
    readonly failedLogIns: FailedLogInsSetting;
    /** Origins of storages that are told the addresses of clients who log in. */
    readonly forwardClientAddress: readonly string[];
    /** Whether log-ins at a storage of `link` bring an app password that is kept. */
    readonly keepAppPasswords: boolean;
  };
  readonly link: LinkSettings;
  readonly spaces: readonly SpaceSettings[];
  /** Users whose spaces are public. */
  readonly publicUsers: readonly string[];
  readonly discoveries: readonly DiscoverySettings[];
  /** Folders whose files are users; those are among `spaces` only if the folders were read. */
  readonly userFolders: readonly UserFolder[];
  readonly crawl: CrawlSettings;
  readonly describe: DescribeSettings;
  readonly webhooks: readonly WebhookSettings[];
  readonly maintenance: MaintenanceSettings;
  readonly log: { readonly level: LogLevel; readonly format: 'auto' | 'json' | 'pretty' };
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface CrawlSettings {
  /** Cron expressions of five or six fields (six: seconds first). */
  readonly schedule: string;
  readonly fullSchedule: string;
  /** When to poll spaces whose markers prove whole subtrees; null if none is polled. */
  readonly poll: string | null;
  /** Requests a second that looks may take of each storage; `auto`: what it bears; null: polls come in rounds. */
  readonly budget: number | 'auto' | null;
  /** IANA name of the time zone of all schedules; null for this machine's. */
  readonly timeZone: string | null;
  readonly spacesAtOnce: number;
  readonly requestsPerSpace: number;
  readonly requestsPerHost: RequestsPerHostSetting;
  readonly maxDepth: number;
  /** Whether storages that can search for images themselves are asked to. */
  readonly search: 'auto' | 'off';
  /** Globs of names (without a slash) or of paths below the space's root to exclude, including collections. */
  readonly exclude: readonly string[];
  /** Whether to exclude the usual clutter, too: bins, snapshots, old versions. */
  readonly excludeDefaults: boolean;
  readonly timeouts: {
    readonly connectMs: number;
    readonly firstByteMs: number;
    readonly silenceMs: number;
    readonly totalMs: number;
  };
}

/**
 * The configuration file's own shape, with defaults filled in and secret files read. Every message says what is
 * allowed. Checks that involve two places (`storage.url` and a space without its own) are left to `loadConfig`.
 */
export function createConfigSchema(surroundings: SchemaSurroundings) {
  const connection = connectionKeys(surroundings);
  return section({
    server: serverSection(surroundings.resolvePath),
    data: dataSection(surroundings),
    roles: rolesSchema(),
    api: section({
      // The meaning of the list before there were public spaces.
      catalogue: word(['personal', 'public']).default('personal'),
      // None by default: any web page could otherwise try tokens from its readers' machines.
      corsOrigins: list(origin(), 'origins'),
      rateLimit: rateLimit(),
      waitsPerUser: waitsPerUser(),
      serveStale: serveStale(),
    }),
    auth: section({
      issuers: issuers(surroundings),
      // Where failures lock an address, four leave room for those of the crawl; elsewhere they harm nobody.
      failedLogIns: failedLogIns(),
      // None: a storage that doesn't trust ovadex would count all failures as its own, and one that is not to know clients
      // would be told of them.
      forwardClientAddress: forwardClientAddress(),
      // Off: what becomes of people's passwords is somebody's decision.
      keepAppPasswords: z.boolean({ error: 'must be true or false' }).default(false),
    }),
    link: linkSection(connection, surroundings.resolvePath),
    storage: section({
      url: collectionUrl('with {user}').optional(),
      auth: authSchema(surroundings).optional(),
      ...connection,
    }),
    // May be empty: the daemon is often installed before its first space.
    spaces: spacesSchema(surroundings, connection),
    crawl: crawlSchema,
    describe: describeSection(),
    webhooks: webhooksSchema(surroundings, connection),
    maintenance: maintenanceSection(),
    log: section({
      level: word(['debug', 'info', 'warn', 'error']).default('info'),
      format: word(['auto', 'json', 'pretty']).default('auto'),
    }),
    // For organisations with a file for each user, or with a program that writes them.
    include: includeSchema(),
  }).superRefine(({ data, roles, link }, context) => {
    const trouble = troubleOfRoles(roles, data.url !== undefined);
    if (trouble !== null) context.addIssue({ code: 'custom', path: ['roles'], message: trouble });
    if (roles.length === ROLES.length || link.origins.length === 0 || link.keyFile !== null) return;
    // One host encrypts what another one has to open.
    const message = 'must name a file that is the same on all hosts if roles leave something to others';
    context.addIssue({ code: 'custom', path: ['link', 'keyFile'], message });
  });
}

/** Creates the schema of an included file, which has further spaces and nothing else. */
export function createIncludeSchema(surroundings: SchemaSurroundings) {
  return section({ spaces: spacesSchema(surroundings, connectionKeys(surroundings)) });
}

export type ConfigFile = z.output<ReturnType<typeof createConfigSchema>>;

const crawlSchema = section({
  // New images appear within a quarter of an hour, even without any hint.
  schedule: cron().default('*/15 * * * *'),
  // Markers are sometimes wrong, and most don't reflect files overwritten in place. At night a storage has time for a
  // full listing, so a list is wrong for a day at most.
  fullSchedule: cron().default('0 3 * * *'),
  // One small request for each of these spaces, as a desktop client sends every half minute.
  poll: cron({ orOff: true }).default('* * * * *'),
  // Polls of thousands of spaces each minute are more than a storage bears.
  budget: lookBudget().default('auto'),
  // The zone of the administrator's other clocks.
  timeZone: timeZone().nullable().default(null),
  // While one storage is slow, three other syncs go on.
  spacesAtOnce: wholeNumber(1, 64).default(4),
  // Eight keep a storage 20 ms away busy; more gain little and look like an attack.
  requestsPerSpace: wholeNumber(1, 64).default(8),
  // By the kind of storage; see `requestsAtOnce`.
  requestsPerHost: wholeNumberOr(['auto'], 1, 256).default('auto'),
  // Far deeper than people nest; a symlink loop ends here.
  maxDepth: wholeNumber(1, 1000).default(64),
  // One request instead of hundreds on a Nextcloud, and nothing is believed to be gone because of it.
  search: word(['auto', 'off']).default('auto'),
  exclude: list(glob(), 'globs'),
  // Images in a bin would be listed, deployed and then gone; and no user is called lost+found.
  excludeDefaults: z.boolean({ error: 'must be true or false' }).default(true),
  timeouts: section({
    // Time for three SYNs (at 0, 1 and 3 s) and a slow TLS handshake.
    connect: timeout().prefault('10s'),
    // Nextcloud takes half a minute to begin with a collection of ten thousand members.
    firstByte: timeout().prefault('60s'),
    // A body in transit doesn't pause that long.
    silence: timeout().prefault('30s'),
    // The largest allowed body over a slow line still fits; a drip-feeding server ends here.
    total: timeout().prefault('10m'),
  }),
});
