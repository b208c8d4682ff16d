/** The counters of a space, in the order of `ImageCounts`. */
export type CountColumns = [described: number, waiting: number, incomplete: number, broken: number];

/** `countImages` in SQL, of shown images; a test compares the two. */
export const COUNTED_IMAGES = `count(*) FILTER (WHERE is_settled = 1 AND state > 0),
  count(*) FILTER (WHERE is_settled = 1 AND (state IS NULL OR state = 0)),
  count(*) FILTER (WHERE is_settled = 1 AND state = 2), count(*) FILTER (WHERE is_settled = 1 AND state = 4)`;
