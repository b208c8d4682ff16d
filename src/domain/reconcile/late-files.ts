import type { ResourcePath } from '../model/path.js';

/** A folder with a shown `.ovf` that lacks a file beside it. */
export interface IncompleteFolder {
  readonly collection: ResourcePath;
  /** For how long no such image of it has changed. */
  readonly unchangedMs: number;
  /** When it was listed last, by the storage's clock; null if that isn't known. */
  readonly listedAt: number | null;
}

/** Where files may have come that no search for images shows. */
export interface LateFiles {
  /** Folders to be listed now. */
  readonly due: readonly ResourcePath[];
  /** Others are left for later: until then nothing tells that the space is as it is known. */
  readonly isAnyLeft: boolean;
}

/** Each costs a request; an upload seldom brings more machines at once. */
const MOST_FOLDERS = 20;
/** Disks that are late by an hour are mostly there within minutes, those of last week mostly never. */
const REST_PER_AGE = 0.1;
/** A disk that comes after a week is still in the list the same day; a full sync looks every night besides. */
const LONGEST_REST_MS = 6 * 3_600_000;

/**
 * Returns which of these folders are to be listed by a look that was asked at `askedAt`, by the storage's clock, in their
 * order: those that have rested for a tenth of the time for which they have been incomplete, but no more than 20.
 */
export function lateFiles(folders: readonly IncompleteFolder[], askedAt: number | null): LateFiles {
  const rested = folders.filter((folder) => hasRested(folder, askedAt));
  const due = rested.slice(0, MOST_FOLDERS).map(({ collection }) => collection);
  return { due, isAnyLeft: due.length < folders.length };
}

function hasRested({ unchangedMs, listedAt }: IncompleteFolder, askedAt: number | null): boolean {
  if (askedAt === null || listedAt === null) return true;
  return askedAt - listedAt >= Math.min(LONGEST_REST_MS, unchangedMs * REST_PER_AGE);
}
