import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoragePlaces } from '../../src/domain/ports/storage-places.js';

export interface PlacesUnderTest {
  readonly clock: { now: number };
  readonly places: StoragePlaces;
  close(): Promise<void>;
}

const DAV = 'crawl https://dav.example.org';
const LEASE_MS = 15_000;
/** Which requests are renewed at once is a matter of the database, so histories of some steps are enough. */
const HISTORIES = 20;

export function describeStoragePlaces(name: string, make: () => Promise<PlacesUnderTest>): void {
  describe(`places at storages: ${name}`, () => {
    let under: PlacesUnderTest;
    beforeEach(async () => {
      under = await make();
    });
    afterEach(() => under.close());

    const renew = (owner: string, wants: number, atMost: number, { limit = 8, storage = DAV } = {}) =>
      under.places.renew(storage, { owner, limit, wants, atMost, leaseMs: LEASE_MS });

    it('are one’s own as long as nobody else wants any', async () => {
      expect(await renew('a', 3, 0)).toEqual({ places: 3, share: 3 });
      expect(await renew('a', 20, 3)).toEqual({ places: 8, share: 8 });
      expect(await renew('b', 20, 0, { storage: 'crawl https://other.example.org' })).toEqual({ places: 8, share: 8 });
    });

    it('are given to another once they are given back', async () => {
      await renew('a', 8, 0);
      expect(await renew('b', 8, 0)).toEqual({ places: 0, share: 4 });
      expect(await renew('a', 8, 8)).toEqual({ places: 8, share: 4 });
      expect(await renew('b', 8, 0)).toEqual({ places: 0, share: 4 });
      expect(await renew('a', 8, 5)).toEqual({ places: 5, share: 4 });
      expect(await renew('b', 8, 0)).toEqual({ places: 3, share: 4 });
      expect(await renew('a', 0, 0)).toEqual({ places: 0, share: 0 });
      expect(await renew('b', 8, 3)).toEqual({ places: 8, share: 8 });
    });

    it('are given to another once the lease of a host that is no more has ended', async () => {
      await renew('a', 8, 0);
      under.clock.now += LEASE_MS - 1;
      expect(await renew('b', 8, 0)).toEqual({ places: 0, share: 4 });
      under.clock.now += 1;
      expect(await renew('b', 8, 0)).toEqual({ places: 8, share: 8 });
      expect(await renew('a', 8, 8)).toEqual({ places: 0, share: 4 });
    });

    it('are as many as whoever knows of the fewest says', async () => {
      expect(await renew('a', 8, 0, { limit: 3 })).toEqual({ places: 3, share: 3 });
      expect(await renew('b', 8, 0)).toEqual({ places: 0, share: 1 });
    });

    it('are never more than there are, however many ask at once', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ wants: fc.nat(9), keeps: fc.nat(9), passMs: fc.constantFrom(0, 400, 9_000, 16_000) }), {
            maxLength: 6,
          }),
          fc.uuid(),
          async (steps, storage) => {
            const held = new Map<string, { readonly places: number; readonly until: number }>();
            for (const { wants, keeps, passMs } of steps) {
              const until = under.clock.now + LEASE_MS;
              await Promise.all(
                ['a', 'b', 'c', 'd'].map(async (owner, at) => {
                  const before = held.get(owner);
                  const atMost =
                    before !== undefined && before.until > under.clock.now ? Math.min(before.places, keeps) : 0;
                  held.set(owner, { places: atMost, until });
                  const { places } = await renew(owner, Math.max(0, wants - at), atMost, { limit: 5, storage });
                  held.set(owner, { places, until });
                }),
              );
              const inUse = [...held.values()].reduce((sum, { places }) => sum + places, 0);
              expect(inUse).toBeLessThanOrEqual(5);
              under.clock.now += passMs;
            }
          },
        ),
        { numRuns: HISTORIES },
      );
    });

    it('are left alone by all others while a storage wants that', async () => {
      await under.places.pause(DAV, 'a', 5_000);
      expect(await under.places.pauses('b')).toEqual([{ storage: DAV, leftMs: 5_000 }]);
      expect(await under.places.pauses('a')).toEqual([]);
      under.clock.now += 2_000;
      await under.places.pause(DAV, 'b', 1_000);
      expect(await under.places.pauses('b')).toEqual([{ storage: DAV, leftMs: 3_000 }]);
      await under.places.pause(DAV, 'b', 4_000);
      expect(await under.places.pauses('a')).toEqual([{ storage: DAV, leftMs: 4_000 }]);
      under.clock.now += 4_000;
      expect(await under.places.pauses('a')).toEqual([]);
    });
  });
}
