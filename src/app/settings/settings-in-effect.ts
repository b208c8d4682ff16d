import type { Config } from '../../config/schema.js';
import { longestInterval } from '../../crawl/schedule/scheduler.js';
import { listingRules } from '../../domain/diagnosis/why.js';
import type { SettingsInEffect } from '../../http/reply/context.js';

/** The longest time between two scheduled syncs of a space, in ms: by that a space is fresh or stale. */
export function syncIntervalMs({ crawl }: Pick<Config, 'crawl'>): number {
  return longestInterval(crawl.schedule, crawl.timeZone);
}

/** Returns what the API has to know of the crawl's settings; a reload replaces all of it. */
export function settingsInEffect(config: Pick<Config, 'crawl'>): SettingsInEffect {
  return {
    syncIntervalMs: syncIntervalMs(config),
    isSearchAllowed: config.crawl.search !== 'off',
    rules: listingRules(config.crawl),
  };
}

/** Returns where the spaces of a configuration come from, for the log: those that it names, and how many places to look. */
export function sourcesOf({
  spaces,
  discoveries,
  userFolders,
}: Pick<Config, 'spaces' | 'discoveries' | 'userFolders'>) {
  return { spaces: spaces.length, discoveries: discoveries.length, userFolders: userFolders.length };
}
