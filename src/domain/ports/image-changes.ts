import type { DescribedImage } from '../description/short-description.js';
import type { ChangePoint, GoneReason } from '../lists/change-point.js';
import type { ResourcePath } from '../model/path.js';
import type { Space } from '../model/space.js';

/** A question for what has changed in the list of a space. */
export interface ChangesQuery {
  /** null: from the beginning, for a reader who has no image. */
  readonly since: ChangePoint | null;
  /** Images told at most, both changed and removed ones. */
  readonly limit: number;
  /** Adds what each image is, in short. */
  readonly withShort?: boolean;
}

/** An image that the list no longer has. */
export interface RemovedImage {
  readonly id: number;
  /** Where it was last. */
  readonly path: ResourcePath;
  readonly removedAt: number;
}

/** What has changed since a point, each image once, as it is now. */
export interface ListChanges {
  /** null: the user has no space. */
  readonly space: Space | null;
  readonly changed: readonly DescribedImage[];
  readonly removed: readonly RemovedImage[];
  /** Where to go on. */
  readonly next: ChangePoint;
  /** Whether there are further changes already. */
  readonly hasMore: boolean;
}

/** The histories of lists. */
export interface ListHistories {
  /** Tells changes of one moment in their order, or why that can't be done from there. */
  changes(user: string, query: ChangesQuery): Promise<ListChanges | { readonly gone: GoneReason }>;
}

/** The runs of daemons over one index, by which readers notice that it isn't the one that they know. */
export interface RunLog {
  /**
   * Begins a run, and stores that for good before it returns. If the last one has not ended, the file may be a copy or
   * may have lost commits: then nobody can go on from a point of an earlier run.
   */
  begin(now: number): Promise<void>;
  /** Ends the run once everything is written. */
  end(now: number): Promise<void>;
}
