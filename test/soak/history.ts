import type { SyncMode, SyncTrigger } from '../../src/domain/model/sync.js';
import type { NonceLife } from '../support/dav-server/auth.js';
import type { Fault } from '../support/dav-server/faults.js';
import type { HrefStyle } from '../support/dav-server/hrefs.js';
import type { DavLoad } from '../support/dav-server/load.js';
import type { MarkerStyle } from '../support/dav-server/markers.js';
import type { MissingStyle } from '../support/dav-server/missing.js';
import type { PropertyStyle } from '../support/dav-server/properties.js';
import type { SearchFault } from '../support/dav-server/search.js';
import type { Spelling } from '../support/dav-server/spelling.js';

/** What happens to one space from its first file to the end: data alone, so that it can be printed, cut down and replayed. */
export interface History {
  /** Draws what is left to chance while it is played: how long answers take, which response is written how. */
  readonly seed: number;
  readonly server: ServerPlan;
  readonly crawl: CrawlPlan;
  /** What is there before the first step. */
  readonly tree: readonly Change[];
  readonly steps: readonly Step[];
}

export interface ServerPlan {
  /** Percent-encoded, with a slash at both ends. */
  readonly basePath: string;
  readonly markers: MarkerStyle;
  /** A server that shows oc:fileid and oc:permissions without moving its markers as Nextcloud does. */
  readonly isOwncloudInName: boolean;
  /** Nothing moves inside of a mount; see `dav-server-tree.ts`. */
  readonly areMountsStill: boolean;
  readonly hrefs: HrefStyle | 'mixed';
  readonly properties: Partial<PropertyStyle> | 'mixed';
  readonly auth: 'none' | 'basic' | 'digest';
  readonly nonceLife: NonceLife;
  readonly missing: MissingStyle;
  readonly spelling: Spelling;
  /** Asked for by another spelling, it answers by its own. */
  readonly isSpellingItsOwn: boolean;
  /** It can be searched, as a Nextcloud can. */
  readonly hasSearch?: boolean;
  /** How far the server's clock is ahead of the crawler's. */
  readonly skewMs: number;
}

export interface CrawlPlan {
  readonly requestsPerSpace: number;
  readonly requestsPerHost: number;
  readonly maxDepth: number;
  /** An answer takes up to so long by the clock of the history. */
  readonly latencyMs: number;
}

/** Paths are written as the index writes them. A change of what isn't there (any more) is none. */
export type Change =
  | { readonly kind: 'put'; readonly path: string; readonly size: number }
  | { readonly kind: 'replace'; readonly path: string; readonly size: number }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'move'; readonly from: string; readonly to: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'mount'; readonly path: string; readonly isMount: boolean }
  /**
   * The disk below a collection goes away, and its bare mount point shows, with these files in it. Its date is so much
   * older than the disk's or, where that is null, one between the disk's and the last listing.
   */
  | {
      readonly kind: 'detach';
      readonly path: string;
      readonly strays: readonly string[];
      readonly olderMs: number | null;
      /** It never comes back. */
      readonly isForGood: boolean;
    }
  | { readonly kind: 'attach'; readonly path: string };

/** `restored` sets the markers back that the changes moved, `quietly` moves none. */
export type Manner = 'openly' | 'restored' | 'quietly';

/** A fault as data. */
export interface PlannedFault extends Omit<Fault, 'retryAfter' | 'headers' | 'body'> {
  readonly body?: string;
  /** Retry-After so many ms from now by the server's clock, in seconds or as a date. */
  readonly retryAfterMs?: number;
  readonly isRetryAfterDate?: boolean;
}

/** The call of a port by which a process is killed. */
export interface KillMoment {
  readonly call:
    | 'list'
    | 'probe'
    | 'search'
    | 'known'
    | 'subtree'
    | 'commit'
    | 'prove'
    | 'progress'
    | 'finish'
    | 'claim';
  readonly nth: number;
  /** `inside`: in the middle of its transaction, or of its request. */
  readonly when: 'before' | 'inside' | 'after';
}

/** What only several hosts over one database have; others are not troubled by it. */
export type HostTrouble = 'break connections' | 'kill api';

/** What happens while a sync runs, once so many requests of it have come. */
export type Meanwhile =
  | { readonly at: number; readonly what: 'stop' | 'cancel' | 'steal' | 'heal' | HostTrouble }
  | { readonly at: number; readonly what: 'jump'; readonly ms: number }
  | { readonly at: number; readonly what: 'change'; readonly changes: readonly Change[] }
  | { readonly at: number; readonly what: 'revisit'; readonly collections: readonly string[] };

export interface SyncStep {
  readonly do: 'sync';
  /** So long after what was before: a marker counts only once it is two seconds old. */
  readonly restMs: number;
  readonly mode: SyncMode;
  readonly trigger: SyncTrigger;
  /** Of a hint. */
  readonly targets: readonly string[];
  readonly kill: KillMoment | null;
  readonly meanwhile: readonly Meanwhile[];
}

export type Step =
  | { readonly do: 'change'; readonly manner: Manner; readonly changes: readonly Change[] }
  | { readonly do: 'fault'; readonly path: string; readonly fault: PlannedFault }
  | { readonly do: 'burst'; readonly requests: number; readonly retryAfterMs: number; readonly isDate: boolean }
  /** From now on searches go wrong like this. */
  | { readonly do: 'search'; readonly fault: SearchFault }
  /** Ends by itself after so long, by the clock of the history. */
  | { readonly do: 'maintenance'; readonly ms: number }
  | { readonly do: 'password'; readonly isRight: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'jump'; readonly ms: number }
  | { readonly do: 'exclude'; readonly names: readonly string[] }
  /** The host answers no more requests than that, until all is healed. */
  | { readonly do: 'load'; readonly load: DavLoad }
  /** Its URL changes; `other`: what is there is another tree, which begins with these files. */
  | { readonly do: 'move space'; readonly other: readonly Change[] | null }
  /** So much time passes, and whatever the daemon finds to be due then is synced. */
  | { readonly do: 'rounds'; readonly ms: number }
  /** After so many syncs, each in a window of its own, a busy host is listed whole. */
  | { readonly do: 'expect truth'; readonly syncs: number }
  /** After so many full syncs in a row that met changes and no trouble, markers are relied on again. */
  | { readonly do: 'expect pruning'; readonly syncs: number }
  | {
      readonly do:
        | 'heal'
        | 'expire nonce'
        | 'restart'
        | 'accept removals'
        | 'refuse removals'
        | 'resume'
        | 'forget tombstones'
        | 'revoke token'
        | HostTrouble;
    }
  | SyncStep;
