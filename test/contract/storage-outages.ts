import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ToldOutage } from '../../src/domain/hosts/told-outage.js';
import type { StorageOutages } from '../../src/domain/ports/storage-places.js';

export interface OutagesUnderTest {
  readonly clock: { now: number };
  readonly outages: StorageOutages;
  close(): Promise<void>;
}

const DAV = 'https://dav.example.org';
const OLD = 'https://old.example.org by http://proxy:3128';
const FOR_MS = 15_000;

export function describeStorageOutages(name: string, make: () => Promise<OutagesUnderTest>): void {
  describe(`outages of storages: ${name}`, () => {
    let under: OutagesUnderTest;
    beforeEach(async () => {
      under = await make();
    });
    afterEach(() => under.close());

    const outage = (storage: string, owner: string, more: Partial<ToldOutage> = {}): ToldOutage => ({
      ...{ storage, owner, kind: 'silent', failure: 'timeout', detail: 'PROPFIND /: nothing came', since: 1_000 },
      ...more,
    });
    const told = async () =>
      (await under.outages.told()).map(({ storage, owner, leftMs }) => ({ storage, owner, leftMs }));
    const tellers = async () => (await told()).map(({ storage, owner }) => `${owner} ${storage}`).sort();

    it('are told as they were met, to their owner as well, until they lapse', async () => {
      const met = outage(DAV, 'a', { kind: 'maintenance', failure: 'maintenance', detail: '503 “soon” \u{1F6A7}' });
      await under.outages.tell(met, FOR_MS);
      under.clock.now += 4_000;
      expect(await under.outages.told()).toEqual([{ ...met, leftMs: FOR_MS - 4_000, isContradicted: false }]);
      under.clock.now += FOR_MS - 4_001;
      expect(await told()).toEqual([{ storage: DAV, owner: 'a', leftMs: 1 }]);
      under.clock.now += 1;
      expect(await told()).toEqual([]);
    });

    it('are told for longer if that is renewed, by their owner and of the storages that it names', async () => {
      await under.outages.tell(outage(DAV, 'a'), FOR_MS);
      await under.outages.tell(outage(OLD, 'a'), FOR_MS);
      await under.outages.tell(outage(DAV, 'b'), FOR_MS);
      under.clock.now += FOR_MS - 1;
      await under.outages.renew('a', [DAV, 'https://no.example.org'], FOR_MS);
      under.clock.now += 1;
      expect(await told()).toEqual([{ storage: DAV, owner: 'a', leftMs: FOR_MS - 1 }]);
    });

    it('are replaced by what the same owner tells later', async () => {
      await under.outages.tell(outage(DAV, 'a'), FOR_MS);
      const later = outage(DAV, 'a', { kind: 'busy', failure: 'busy', detail: '429', since: 9_000 });
      under.clock.now += 10_000;
      await under.outages.tell(later, FOR_MS);
      expect(await under.outages.told()).toEqual([{ ...later, leftMs: FOR_MS, isContradicted: false }]);
    });

    it('are ended for all who tell of that storage, and not begun by a renewal', async () => {
      for (const owner of ['a', 'b']) {
        for (const storage of [DAV, OLD]) await under.outages.tell(outage(storage, owner), FOR_MS);
      }
      await under.outages.end(DAV);
      await under.outages.renew('a', [DAV, OLD], FOR_MS);
      expect(await tellers()).toEqual([`a ${OLD}`, `b ${OLD}`]);
      await under.outages.tell(outage(DAV, 'a'), FOR_MS);
      expect(await tellers()).toEqual([`a ${DAV}`, `a ${OLD}`, `b ${OLD}`]);
    });

    it('are contradicted for a while by whom the storage has answered since', async () => {
      const contradicted = async () =>
        (await under.outages.told())
          .filter(({ isContradicted }) => isContradicted)
          .map(({ owner }) => owner)
          .sort();
      const answered = (owner: string, answeredAt: number) =>
        under.outages.contradict(DAV, { owner, answeredAt }, FOR_MS - 5_000);
      await under.outages.tell(outage(DAV, 'a'), FOR_MS);
      await under.outages.tell(outage(DAV, 'b', { since: 2_000 }), FOR_MS);
      await under.outages.tell(outage(DAV, 'c', { kind: 'busy', failure: 'busy', since: 1_500 }), FOR_MS);
      await under.outages.tell(outage(OLD, 'd'), FOR_MS);
      await answered('e', 999);
      await answered('a', 1_000);
      expect(await contradicted()).toEqual([]);
      await answered('e', 1_000);
      expect(await contradicted()).toEqual(['a']);
      await answered('e', 2_000);
      expect(await contradicted()).toEqual(['a', 'b', 'c']);
      // Told again it is the same outage; one that begins later is another.
      await under.outages.tell(outage(DAV, 'a'), FOR_MS);
      await under.outages.tell(outage(DAV, 'b', { since: 2_001 }), FOR_MS);
      expect(await contradicted()).toEqual(['a', 'c']);
      under.clock.now += FOR_MS - 5_000;
      expect(await contradicted()).toEqual([]);
    });

    it('are withdrawn by who tells of them, which the others don’t notice', async () => {
      for (const owner of ['a', 'b']) {
        for (const storage of [DAV, OLD]) await under.outages.tell(outage(storage, owner), FOR_MS);
      }
      await under.outages.withdraw('a');
      expect(await tellers()).toEqual([`b ${DAV}`, `b ${OLD}`]);
    });

    it('are told whatever a storage writes into its words', async () => {
      await under.outages.tell(outage(DAV, 'a', { detail: `line\n${'\u0000'}\ud800 ' "` }), FOR_MS);
      const [first] = await under.outages.told();
      expect(first?.detail).toContain('line\n');
    });
  });
}
