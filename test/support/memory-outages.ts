import type { ToldOutage } from '../../src/domain/hosts/told-outage.js';
import type { Clock } from '../../src/domain/ports/clock.js';
import type { StorageOutages } from '../../src/domain/ports/storage-places.js';

interface Row extends ToldOutage {
  readonly until: number;
}

/** What crawlers tell each other of storages, kept in memory. */
export function createMemoryOutages(clock: Clock): StorageOutages {
  let rows: readonly Row[] = [];
  return {
    async tell(outage, forMs) {
      const others = rows.filter(({ storage, owner }) => storage !== outage.storage || owner !== outage.owner);
      rows = [...others, { ...outage, until: clock() + forMs }];
    },
    async renew(owner, storages, forMs) {
      const until = clock() + forMs;
      rows = rows.map((row) => (row.owner === owner && storages.includes(row.storage) ? { ...row, until } : row));
    },
    async end(storage) {
      rows = rows.filter((row) => row.storage !== storage);
    },
    async withdraw(owner) {
      rows = rows.filter((row) => row.owner !== owner);
    },
    told: async () =>
      rows.filter(({ until }) => until > clock()).map(({ until, ...row }) => ({ ...row, leftMs: until - clock() })),
  };
}
