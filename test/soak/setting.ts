import type { Index } from '../../src/app/open-index.js';
import type { DavHost } from '../support/dav-server/dav-server.js';
import type { FakeTime } from './fake-time.js';
import type { Fuse } from './fuse.js';

/** What histories use of an index. */
export type HistoryIndex = Pick<Index, 'catalogue' | 'images' | 'spaces' | 'syncs' | 'maintenance' | 'close'>;

/** A space, and what stands for what is left out of it. */
export interface Configured {
  readonly user: string;
  readonly url: string;
  readonly rules: string;
}

/** What a history is played on: a host for its storage, an index by whichever engine, and time, which others may share. */
export interface Setting {
  readonly time: FakeTime;
  readonly host: DavHost;
  /** Whose space it is. */
  readonly user: string;
  /** Opens the index for a process that syncs, which the fuse may kill. */
  openWriter(fuse: Fuse): Promise<HistoryIndex>;
  openReader(): Promise<HistoryIndex>;
  /** Notes how the space is configured, and returns what its hosts are configured with: others have a part in it, too. */
  configure(own: Configured): { readonly spaces: readonly Configured[]; readonly rules: string };
  /** Called whenever tombstones may have been forgotten, for whichever space: all have one index. */
  readonly onForgotten: Set<() => void>;
  /** Spaces of others in the same index. */
  others(): Promise<readonly number[]>;
  /** Sets a clock on the wall: that of the machine, or of one of several hosts. */
  jump(ms: number): void;
  /** While nobody else's syncs run, nor anything else of this kind. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** At the same time as the syncs of others. */
  together<T>(work: () => Promise<T>): Promise<T>;
  /** Several hosts over one database; null: one with a file. */
  readonly hosts: Hosts | null;
  close(): Promise<void>;
}

/** The hosts of a setting that has several. */
export interface Hosts {
  /** How often connections to the database were broken, whosever they were. */
  readonly breaks: number;
  /** Has the database break some of the connections of all hosts, in the middle of whatever they do. */
  breakConnections(): Promise<void>;
  /** A host that answers dies, and another one takes its place. */
  killApi(): Promise<void>;
  /** Throws `Violation` if the token of the space's client is good anywhere after it was revoked; then it has a new one. */
  revokeToken(): Promise<void>;
  /** The space's client asks the next host, unless it still waits for an answer. What it is told is judged in the end. */
  ask(): Promise<void>;
  /** Does it again if the database was lost in the middle. */
  again<T>(work: () => Promise<T>): Promise<T>;
}
