import type { DateHabit } from '../description/date-habit.js';
import type { RangeSource } from '../description/reading.js';
import type { ListedFile } from '../model/image.js';
import type { Listing, Probe } from '../model/listing.js';
import type { ResourcePath } from '../model/path.js';
import type { Search } from '../model/search.js';

/** One space's storage. Failures of the storage are in the answer; only an abort rejects. */
export interface RemoteStore {
  /** Lists a collection by PROPFIND with Depth 1. */
  list(collection: ResourcePath, signal: AbortSignal): Promise<Listing>;
  /** Checks by PROPFIND with Depth 0 if this collection still exists. */
  probe(collection: ResourcePath, signal: AbortSignal): Promise<Probe>;
  /**
   * Asks the storage itself where the images of the whole space are. Sends nothing and returns null unless an answer to
   * this store showed that the storage is of a kind that may have such a search; or, if `isFirst`, unless the space's
   * URL and what its server has told other spaces let it be expected. A 401 to such a first one is one to the space.
   */
  search(signal: AbortSignal, isFirst?: boolean): Promise<Search | null>;
  close(): Promise<void>;
}

/** A storage whose files can be read, too. */
export interface ReadableStore extends RemoteStore {
  /**
   * Begins to read a file as it was listed, behind all listings of its host that wait; nothing is sent before the first
   * bytes are asked for. Whoever reads it closes it. Answers may date it otherwise than it was listed by one of `habits`.
   */
  read(path: ResourcePath, listed: ListedFile, signal: AbortSignal, habits?: readonly DateHabit[]): RangeSource;
  /**
   * The same for whoever reads a file from its beginning to its end: one answer brings all of it, and goes on where it
   * broke off. A read that doesn't continue the one before takes a new request, or is `unseekable`.
   */
  download(path: ResourcePath, listed: ListedFile, signal: AbortSignal, habits?: readonly DateHabit[]): RangeSource;
}
