/** One step of an index's schema, as read from its file. */
export interface Migration {
  /** From 1, without a gap. */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, with line ends as in the repository. */
  readonly checksum: string;
}
