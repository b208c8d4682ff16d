/** Starts are spread over this share of the interval, so that the last sync of a round has time to end. */
const SPREAD_SHARE = 0.8;

/**
 * Returns each space's delay after a tick of the schedule, in ms, spread evenly over the interval. The order is a hash
 * of the user's name, so neighbours in the alphabet (often on one storage host) don't follow each other; a single space
 * does not wait.
 */
export function spreadOffsets(users: readonly string[], intervalMs: number): Map<string, number> {
  const ordered = [...users].sort((a, b) => hash(a) - hash(b) || (a < b ? -1 : 1));
  const step = (intervalMs * SPREAD_SHARE) / Math.max(1, ordered.length);
  return new Map(ordered.map((user, rank) => [user, Math.floor(rank * step)]));
}

/** Computes FNV-1a with 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}
