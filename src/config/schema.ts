import { z } from 'zod';
import type { Credentials, DiscoverySettings, SpaceSettings } from '../domain/space.js';
import {
  baseUrl,
  collectionUrl,
  cron,
  list,
  listenAddress,
  mapping,
  section,
  text,
  timeout,
  userName,
  wholeNumber,
  word,
} from './fields.js';
import type { SecretFile } from './secret-file.js';

export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** The whole validated configuration: defaults filled in, secrets read, paths absolute. */
export interface Config {
  readonly server: {
    readonly listen: ListenAddress;
    /** Without a trailing slash; null: links follow the request's Host. */
    readonly publicUrl: string | null;
  };
  readonly data: { readonly directory: string };
  readonly spaces: readonly SpaceSettings[];
  readonly discoveries: readonly DiscoverySettings[];
  readonly crawl: CrawlSettings;
  readonly log: { readonly level: LogLevel; readonly format: 'auto' | 'json' | 'pretty' };
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface CrawlSettings {
  /** Cron expressions of five or six fields (six: seconds first). */
  readonly schedule: string;
  readonly fullSchedule: string;
  /** Of the spaces whose markers prove whole subtrees; null: none is polled. */
  readonly poll: string | null;
  readonly spacesAtOnce: number;
  readonly requestsPerSpace: number;
  readonly requestsPerHost: number;
  readonly maxDepth: number;
  /** Globs of names (no slash) or paths below the space's root that are left out, collections too. */
  readonly exclude: readonly string[];
  readonly timeouts: {
    readonly connectMs: number;
    readonly firstByteMs: number;
    readonly silenceMs: number;
    readonly totalMs: number;
  };
}

/** What the schema needs of the world. */
export interface SchemaSurroundings {
  /** Makes a path absolute, as seen from the configuration's folder. */
  resolvePath(path: string): string;
  readSecret(file: string): Promise<SecretFile>;
}

/**
 * The configuration file's own shape, with defaults filled in and secret files
 * read. Every message says what is allowed. What takes two places to judge
 * (`storage.url` and a space without its own) is left to `loadConfig`.
 */
export function createConfigSchema(surroundings: SchemaSurroundings) {
  const path = (what: string) => text(what).transform(surroundings.resolvePath);
  const auth = authSchema(surroundings);
  return section({
    server: section({
      // Reachable from this machine only, until somebody decides otherwise.
      listen: listenAddress(surroundings.resolvePath).prefault('127.0.0.1:8080'),
      publicUrl: baseUrl().nullable().default(null),
    }),
    // No default: an index in a place that nobody chose is one that nobody backs up.
    data: section({ directory: path('the path of a folder') }),
    storage: section({ url: collectionUrl('with {user}').optional(), auth: auth.optional() }),
    // None at all is allowed: the daemon is often there before its first space.
    spaces: list(spaceSchema(auth, path), 'spaces'),
    crawl: crawlSchema,
    log: section({
      level: word(['debug', 'info', 'warn', 'error']).default('info'),
      format: word(['auto', 'json', 'pretty']).default('auto'),
    }),
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
  // One slow storage leaves three others at work.
  spacesAtOnce: wholeNumber(1, 64).default(4),
  // Eight keep a storage 20 ms away busy; more gain little and look like an attack.
  requestsPerSpace: wholeNumber(1, 64).default(8),
  // Two whole spaces' worth: common worker pools of web servers start with about 25.
  requestsPerHost: wholeNumber(1, 256).default(16),
  // Far deeper than people nest; a symlink loop ends here.
  maxDepth: wholeNumber(1, 1000).default(64),
  exclude: list(text('a glob'), 'globs'),
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

function spaceSchema(auth: ReturnType<typeof authSchema>, path: (what: string) => z.ZodType<string>) {
  return mapping({
    user: userName().optional(),
    url: collectionUrl('with {user}').optional(),
    auth: auth.optional(),
    watch: path('the path of a folder').optional(),
    discover: collectionUrl('plain').optional(),
  })
    .refine((space) => (space.user === undefined) !== (space.discover === undefined), {
      error: 'must have either user or discover',
      when: isReadable,
    })
    .refine((space) => space.discover === undefined || (space.url === undefined && space.watch === undefined), {
      error: 'url and watch belong to a user, not to discover',
      when: isReadable,
    });
}

function authSchema(surroundings: SchemaSurroundings) {
  const secretFile = text('the path of a file').transform(async (file, context) => {
    const path = surroundings.resolvePath(file);
    const answer = await surroundings.readSecret(path);
    if ('secret' in answer) return answer.secret;
    context.addIssue({ code: 'custom', message: path === file ? answer.problem : `${answer.problem}: ${path}` });
    return z.NEVER;
  });
  // An empty password is one that some servers want, beside a token as the user name.
  const password = z.string({ error: 'must be text (in quotes if it looks like something else)' });
  const token = text('a token').regex(/^[\x21-\x7e]+$/, { error: 'must be a token without spaces' });
  const passwordKeys = { password: password.optional(), passwordFile: secretFile.optional() };
  const username = text('a user name');

  const basic = mapping({
    type: z.literal('basic'),
    username: username.regex(/^[^:\p{Cc}]*$/u, { error: 'must hold no colon and no control characters (RFC 7617)' }),
    ...passwordKeys,
  });
  const digest = mapping({ type: z.literal('digest'), username, ...passwordKeys });
  const bearer = mapping({
    type: z.literal('bearer'),
    token: token.optional(),
    tokenFile: secretFile.pipe(token).optional(),
  });
  const isOnePassword = (given: z.output<typeof basic> | z.output<typeof digest>) =>
    (given.password === undefined) !== (given.passwordFile === undefined);
  const onePassword = { error: 'must have either password or passwordFile', when: isReadable };

  return z.discriminatedUnion(
    'type',
    [
      mapping({ type: z.literal('none') }),
      basic.refine(isOnePassword, onePassword).transform(withPassword),
      digest.refine(isOnePassword, onePassword).transform(withPassword),
      bearer
        .refine((given) => (given.token === undefined) !== (given.tokenFile === undefined), {
          error: 'must have either token or tokenFile',
          when: isReadable,
        })
        .transform((given): Credentials => ({ type: 'bearer', token: given.token ?? given.tokenFile ?? '' })),
    ],
    {
      error: (issue) =>
        issue.code === 'invalid_union'
          ? 'must be one of none, basic, digest, bearer'
          : 'must be a mapping with a type: none, basic, digest or bearer',
    },
  );
}

function withPassword(given: {
  type: 'basic' | 'digest';
  username: string;
  password?: string | undefined;
  passwordFile?: string | undefined;
}): Credentials {
  return { type: given.type, username: given.username, password: given.password ?? given.passwordFile ?? '' };
}

/** Checks of several keys run beside whatever else is wrong with them, so that all is reported at once. */
function isReadable(payload: z.core.ParsePayload): boolean {
  return typeof payload.value === 'object' && payload.value !== null;
}
