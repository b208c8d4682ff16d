import type { ToldOutage } from '../hosts/told-outage.js';
import { counted } from '../text/counted.js';
import type { Finding } from './finding.js';

const ACTION =
  'the log of each host, and its metric ovadex_storages_down, tell which one it is; check its network and its proxy, and whether the storage refuses its address; the other crawlers sync what is there meanwhile';

/**
 * Returns what is to be said of outages that crawlers tell each other of: of those alone that are no outages of the storage, since
 * other crawlers are answered there. The others show at their spaces.
 */
export function diagnoseOutages(
  told: readonly (Pick<ToldOutage, 'storage' | 'since' | 'detail'> & { readonly isContradicted: boolean })[],
): readonly Finding[] {
  const alone = told.filter(({ isContradicted }) => isContradicted);
  return [...new Set(alone.map(({ storage }) => storage))].map((storage) => {
    const of = alone.filter((outage) => outage.storage === storage);
    const [first] = of.toSorted((a, b) => a.since - b.since);
    const since = new Date(first?.since ?? 0).toISOString();
    const message = `answers other crawlers, but not ${counted(of.length, 'crawler')}, since ${since}: ${first?.detail}`;
    return { area: 'storage', subject: storage, severity: 'warning', message, action: ACTION };
  });
}
