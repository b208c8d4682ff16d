import { OvadexError } from './errors.js';

/** One step of an index's schema, as read from its file. */
export interface Migration {
  /** From 1, without a gap. */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, with line ends as in the repository. */
  readonly checksum: string;
}

/** Why a program leaves an index alone that has more steps than it knows. */
export function writtenByNewer(applied: number, known: number): OvadexError {
  return new OvadexError(
    'foreign',
    `the index was written by a newer ovadex (schema ${applied}, this one knows ${known}); use that version`,
  );
}
