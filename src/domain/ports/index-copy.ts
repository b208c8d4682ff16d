import type { CopyPlace } from '../copy/copy-place.js';
import type { CopiedRow, IndexTable, Key } from '../copy/index-tables.js';

/** What of an index isn't a row. */
export interface IndexMarks {
  /** The last id that was given in each table, by its name, and is never to be given again; 0: none. */
  readonly lastIds: Readonly<Record<string, number>>;
  /** How many messages of webhooks have been begun. */
  readonly messagesBegun: number;
}

/** Which rows of a table: those behind a key (null: from the first one). */
export interface RowRange {
  readonly after: Key | null;
  /** The last one; null: to the end. */
  readonly upTo: Key | null;
  /** No more than these, the first ones. */
  readonly atMost?: number;
}

/** Reads an index row by row. All reject with OvadexError `index`. */
export interface CopiedRows {
  /** Returns rows in the order of their keys. */
  rows(table: IndexTable, range: RowRange): Promise<readonly CopiedRow[]>;
  /** Returns only their keys. */
  keys(table: IndexTable, range: RowRange): Promise<readonly Key[]>;
  marks(): Promise<IndexMarks>;
}

/** An index that is copied. */
export interface CopySource {
  /** For people, without secrets. */
  readonly name: string;
  /** Does some work with what is true at one moment; others may read meanwhile. */
  atOneMoment<T>(work: (rows: CopiedRows) => Promise<T>): Promise<T>;
  /** Whether somebody else may write to it, such as a daemon that runs. */
  isInUse(): Promise<boolean>;
  close(): Promise<void>;
}

/** What a step of a copy changes in a table. */
export interface RowChanges {
  readonly remove: readonly Key[];
  /** Rows that are new or different. */
  readonly put: readonly CopiedRow[];
}

/** Where an index is copied to. It says itself how far that has come. */
export interface CopyTarget extends CopiedRows {
  /** For people, without secrets. */
  readonly name: string;
  /** Returns a row as this database can store it. */
  fit(table: IndexTable, row: CopiedRow): CopiedRow;
  /**
   * Begins a copy, or goes on with one that was broken off, and returns its place. `stamp` stands for what the source has:
   * if that has changed since, the copy begins anew, and keeps the rows that are the same. Rejects with OvadexError
   * `conflict` if there is another index.
   */
  begin(stamp: string): Promise<CopyPlace>;
  /** Changes rows and moves on, both or neither. Rejects with OvadexError `conflict` if the copy isn't at `from` (any more). */
  move(from: CopyPlace, to: CopyPlace, changes?: RowChanges): Promise<void>;
  /** Makes an index of the rows, which daemons can open; `now` in ms since the epoch. */
  finish(marks: IndexMarks, now: number): Promise<void>;
  close(): Promise<void>;
}
