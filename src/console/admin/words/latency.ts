import type { StorageRequestsJson } from '../../../wire/overview.js';

/**
 * Returns the seconds within which this share of the requests, 0 to 1, was answered, as far as the bounds tell; null if
 * there was none, or that many took longer than the last bound.
 */
export function withinSeconds(latency: StorageRequestsJson['latency'], share: number): number | null {
  const all = latency.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return null;
  let sum = 0;
  for (const { up_to_seconds: bound, count } of latency) {
    sum += count;
    if (sum >= share * all) return bound;
  }
  return null;
}
