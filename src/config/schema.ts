import type { DiscoverySettings, SpaceSettings } from '../domain/space.js';

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
