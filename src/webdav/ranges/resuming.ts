/** How often the download of a file has broken off so far. */
export interface Breaks {
  readonly inAll: number;
  /** Since the last read that got all it asked for: what came of one that broke off is asked for again. */
  readonly inARow: number;
  /** How often the file had to be sent again from its beginning. */
  readonly fromStart: number;
}

export const NO_BREAKS: Breaks = { inAll: 0, inARow: 0, fromStart: 0 };

/** A server that restarts is back within seconds; one that breaks off at the very same byte again and again stays so. */
const MOST_IN_A_ROW = 5;
/** A proxy that ends each answer after a minute or two still lets some hundred gigabytes through. */
const MOST_IN_ALL = 200;
/** Each time costs the whole way to where it broke off. */
const MOST_FROM_START = 3;

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

/**
 * Returns how long to wait before a download that broke off goes on, in ms; null if it is given up. Waits double from
 * 250 ms to 30 s for as long as no read is whole, half of each random.
 */
export function waitBeforeResuming({ inAll, inARow, fromStart }: Breaks, random: () => number): number | null {
  if (inARow >= MOST_IN_A_ROW || inAll >= MOST_IN_ALL || fromStart >= MOST_FROM_START) return null;
  const backOffMs = Math.min(FIRST_WAIT_MS * 2 ** Math.max(0, inARow - 1), LONGEST_WAIT_MS);
  return Math.round(backOffMs * (0.5 + random() / 2));
}
