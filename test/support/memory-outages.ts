import type { ToldOutage } from '../../src/domain/hosts/told-outage.js';
import type { Clock } from '../../src/domain/ports/clock.js';
import type { StorageOutages } from '../../src/domain/ports/storage-places.js';

interface Row extends ToldOutage {
  readonly until: number;
  readonly contradictedUntil: number;
}

/** What crawlers tell each other of storages, kept in memory. */
export function createMemoryOutages(clock: Clock): StorageOutages {
  let rows: readonly Row[] = [];
  return {
    async tell(outage, forMs) {
      const isIt = ({ storage, owner }: Row) => storage === outage.storage && owner === outage.owner;
      const before = rows.find(isIt);
      const contradictedUntil = before?.since === outage.since ? before.contradictedUntil : 0;
      rows = [...rows.filter((row) => !isIt(row)), { ...outage, until: clock() + forMs, contradictedUntil }];
    },
    async renew(owner, storages, forMs) {
      const until = clock() + forMs;
      rows = rows.map((row) => (row.owner === owner && storages.includes(row.storage) ? { ...row, until } : row));
    },
    async contradict(storage, { owner, answeredAt }, forMs) {
      const contradictedUntil = clock() + forMs;
      rows = rows.map((row) => {
        const isMeant = row.storage === storage && row.owner !== owner;
        return isMeant && row.since <= answeredAt ? { ...row, contradictedUntil } : row;
      });
    },
    async end(storage) {
      rows = rows.filter((row) => row.storage !== storage);
    },
    async withdraw(owner) {
      rows = rows.filter((row) => row.owner !== owner);
    },
    told: async () =>
      rows
        .filter(({ until }) => until > clock())
        .map(({ until, contradictedUntil, ...row }) => ({
          ...row,
          leftMs: until - clock(),
          isContradicted: contradictedUntil > clock(),
        })),
  };
}
