import type { Config } from '../config/schema.js';
import { longestInterval } from '../crawl/schedule/scheduler.js';

/** The longest time between two scheduled syncs of a space, in ms: by that a space is fresh or stale. */
export function syncIntervalMs({ crawl }: Pick<Config, 'crawl'>): number {
  return longestInterval(crawl.schedule, crawl.timeZone);
}
