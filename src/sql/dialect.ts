import type { LikePattern } from '../domain/lists/like.js';

/** A value of a statement; a list is one value where the engine takes it as one. */
export type SqlValue = string | number | readonly (string | number)[];

/** A condition, or another part of a statement, with the values of its `?`. */
export interface Condition {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/** What the engines write differently. */
export interface Dialect {
  /** The column that tables have for a user, whose usual name is a word of PostgreSQL's. */
  readonly user: string;
  /** Whether a column that is yes or no says yes. */
  isTrue(column: string): string;
  /** Whether the column contains a text. */
  contains(column: string, text: string): Condition;
  /** Whether a value is one of these, of which there may be none. */
  isAnyOf(column: string, values: readonly (string | number)[]): Condition;
  /** Whether a text matches a pattern that has a wildcard; no part of it has a NUL. */
  isLike(column: string, pattern: LikePattern): Condition;
  /** The name key of a column that has none beside it. */
  keyOfText(column: string): string;
  /** A quantity as `comparable` makes it. */
  comparable(column: string): string;
}
