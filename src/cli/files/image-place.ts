import type { RangeSource } from '../../domain/description/reading.js';
import type { RequireSame } from './still-same.js';

/** Where image files are: on this machine, or in a space. */
export interface ImagePlace {
  /**
   * Finds a file as it was named on the command line. Throws OvadexError, or a system error, if it isn't there or its
   * folder can't be read.
   */
  open(file: string): Promise<OpenedFile>;
  /**
   * Lists those files in the folder of this one whose names are wanted, with all names where that is not said; null if
   * they are not known. A folder is listed once for all files of it that are named one after another.
   */
  beside(file: string, wanted?: ReadonlySet<string>): Promise<readonly FileBeside[] | null>;
  close(): Promise<void>;
}

/** A file that can be read, from anywhere or as a stream; whoever opens a source closes it. */
export interface OpenedFile {
  readonly name: string;
  /** null if its storage doesn't say. */
  readonly sizeBytes: number | null;
  /** False if somebody may still be writing it. */
  readonly isSettled: boolean;
  parts(): Promise<RangeSource>;
  stream(): Promise<RangeSource>;
  /** Looks at it again as it was found, which in a space takes one more listing of its folder. */
  readonly requireSame: RequireSame;
}

/** A file in the folder of another one. */
export interface FileBeside {
  readonly name: string;
  readonly sizeBytes: number | null;
  stream(): Promise<RangeSource>;
  /** As in `OpenedFile`. */
  readonly requireSame: RequireSame;
}

/** Opens the place that a command asks; what it waits for ends with the signal. */
export type OpenPlace = (signal: AbortSignal) => Promise<ImagePlace>;
