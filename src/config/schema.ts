import { z } from 'zod';
import type { DiscoverySettings, SpaceSettings } from '../domain/model/space.js';
import type { IssuerSettings } from '../domain/model/token.js';
import {
  collectionUrl,
  cron,
  glob,
  isReadable,
  list,
  mapping,
  section,
  text,
  timeout,
  timeZone,
  userName,
  wholeNumber,
  word,
} from './fields/fields.js';
import type { SchemaSurroundings } from './fields/files.js';
import { origin, rateLimit } from './sections/api.js';
import { issuers } from './sections/auth.js';
import { connectionKeys } from './sections/connection.js';
import { authSchema } from './sections/credentials.js';
import { includeSchema } from './sections/include.js';
import { serverSection } from './sections/server.js';
import { type DataSettings, dataSection, type MaintenanceSettings, maintenanceSection } from './sections/upkeep.js';

export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** `mode` and `group`: who may connect, where that is said. */
  | { readonly kind: 'unix'; readonly path: string; readonly mode?: number; readonly group?: string };

/** The whole validated configuration: defaults filled in, secrets read, paths absolute. */
export interface Config {
  readonly server: {
    readonly listen: ListenAddress;
    /** Where health and metrics are told to whoever reaches it; null: no such listener. */
    readonly metricsListen: ListenAddress | null;
    /** Without a trailing slash; null: links follow the request's Host. */
    readonly publicUrl: string | null;
    /** Addresses, networks (CIDR), or the word `unix`: whose `X-Forwarded-For` is believed. */
    readonly trustedProxies: readonly string[];
    /** How long a connection is kept for a next request, in ms. */
    readonly keepAliveMs: number;
  };
  readonly data: DataSettings;
  readonly api: {
    /** Whether `/v2/image` lists the caller's own space or the public ones. */
    readonly catalogue: 'personal' | 'public';
    /** Origins whose pages may read answers, as browsers send them; "*" is any. */
    readonly corsOrigins: readonly string[];
    /** Requests that a user may make in a window; null: as many as come. */
    readonly rateLimit: { readonly requests: number; readonly windowMs: number } | null;
  };
  /** Who calls, beside the tokens that are made here. */
  readonly auth: { readonly issuers: readonly IssuerSettings[] };
  readonly spaces: readonly SpaceSettings[];
  /** Whose spaces are public. */
  readonly publicUsers: readonly string[];
  readonly discoveries: readonly DiscoverySettings[];
  readonly crawl: CrawlSettings;
  readonly maintenance: MaintenanceSettings;
  readonly log: { readonly level: LogLevel; readonly format: 'auto' | 'json' | 'pretty' };
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface CrawlSettings {
  /** Cron expressions of five or six fields (six: seconds first). */
  readonly schedule: string;
  readonly fullSchedule: string;
  /** Of the spaces whose markers prove whole subtrees; null: none is polled. */
  readonly poll: string | null;
  /** An IANA name, in whose times all schedules are meant; null: this machine's zone. */
  readonly timeZone: string | null;
  readonly spacesAtOnce: number;
  readonly requestsPerSpace: number;
  readonly requestsPerHost: number;
  readonly maxDepth: number;
  /** Globs of names (no slash) or paths below the space's root that are left out, collections too. */
  readonly exclude: readonly string[];
  /** Beside those, what usually is: bins, snapshots, old versions. */
  readonly excludeDefaults: boolean;
  readonly timeouts: {
    readonly connectMs: number;
    readonly firstByteMs: number;
    readonly silenceMs: number;
    readonly totalMs: number;
  };
}

/**
 * The configuration file's own shape, with defaults filled in and secret files
 * read. Every message says what is allowed. What takes two places to judge
 * (`storage.url` and a space without its own) is left to `loadConfig`.
 */
export function createConfigSchema(surroundings: SchemaSurroundings) {
  const path = (what: string) => text(what).transform(surroundings.resolvePath);
  const auth = authSchema(surroundings);
  const connection = connectionKeys(surroundings);
  return section({
    server: serverSection(surroundings.resolvePath),
    data: dataSection(surroundings.resolvePath),
    api: section({
      // What the list meant before there were public spaces.
      catalogue: word(['personal', 'public']).default('personal'),
      // A page of anybody's could try tokens from its readers' machines.
      corsOrigins: list(origin(), 'origins'),
      rateLimit: rateLimit(),
    }),
    auth: section({ issuers: issuers() }),
    storage: section({ url: collectionUrl('with {user}').optional(), auth: auth.optional(), ...connection }),
    // None at all is allowed: the daemon is often there before its first space.
    spaces: list(spaceSchema(auth, connection, path), 'spaces'),
    crawl: crawlSchema,
    maintenance: maintenanceSection(),
    log: section({
      level: word(['debug', 'info', 'warn', 'error']).default('info'),
      format: word(['auto', 'json', 'pretty']).default('auto'),
    }),
    // For organisations that make a file for each user, or have another program write them.
    include: includeSchema(),
  });
}

/** Of a file that is included: it has further spaces, and nothing else. */
export function createIncludeSchema(surroundings: SchemaSurroundings) {
  const path = (what: string) => text(what).transform(surroundings.resolvePath);
  return section({
    spaces: list(spaceSchema(authSchema(surroundings), connectionKeys(surroundings), path), 'spaces'),
  });
}

export type ConfigFile = z.output<ReturnType<typeof createConfigSchema>>;

const crawlSchema = section({
  // New images show within a quarter of an hour even where nothing gives a hint.
  schedule: cron().default('*/15 * * * *'),
  // Markers lie now and then, and most of them don't show a file that is overwritten in place: at night
  // a storage has time for a full listing, and a list is wrong for a day at most.
  fullSchedule: cron().default('0 3 * * *'),
  // One small request for each of these spaces, as a desktop client sends every half minute.
  poll: cron({ orOff: true }).default('* * * * *'),
  // What the administrator's other clocks show.
  timeZone: timeZone().nullable().default(null),
  // One slow storage leaves three others at work.
  spacesAtOnce: wholeNumber(1, 64).default(4),
  // Eight keep a storage 20 ms away busy; more gain little and look like an attack.
  requestsPerSpace: wholeNumber(1, 64).default(8),
  // Two whole spaces' worth: common worker pools of web servers start with about 25.
  requestsPerHost: wholeNumber(1, 256).default(16),
  // Far deeper than people nest; a symlink loop ends here.
  maxDepth: wholeNumber(1, 1000).default(64),
  exclude: list(glob(), 'globs'),
  // A bin's images are listed, deployed and then gone; and no user is called lost+found.
  excludeDefaults: z.boolean({ error: 'must be true or false' }).default(true),
  timeouts: section({
    // Time for three SYNs (at 0, 1 and 3 s) and a slow TLS handshake.
    connect: timeout().prefault('10s'),
    // Nextcloud takes half a minute to begin with a collection of ten thousand members.
    firstByte: timeout().prefault('60s'),
    // A body that is on its way doesn't pause so long.
    silence: timeout().prefault('30s'),
    // The largest allowed body over a slow line still fits; a drip-feeding server ends here.
    total: timeout().prefault('10m'),
  }),
});

function spaceSchema(
  auth: ReturnType<typeof authSchema>,
  connection: ReturnType<typeof connectionKeys>,
  path: (what: string) => z.ZodType<string>,
) {
  return mapping({
    user: userName().optional(),
    url: collectionUrl('with {user}').optional(),
    auth: auth.optional(),
    ...connection,
    watch: path('the path of a folder').optional(),
    public: z.boolean({ error: 'must be true or false' }).optional(),
    discover: collectionUrl('plain').optional(),
  })
    .refine((space) => (space.user === undefined) !== (space.discover === undefined), {
      error: 'must have either user or discover',
      when: isReadable,
    })
    .refine(
      ({ discover, url, watch, public: isPublic }) =>
        discover === undefined || (url ?? watch ?? isPublic) === undefined,
      {
        error: 'url, watch and public belong to a user, not to discover',
        when: isReadable,
      },
    );
}
