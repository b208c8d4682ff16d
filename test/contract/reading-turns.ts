import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReadingTurns } from '../../src/domain/ports/storage-places.js';

export interface TurnsUnderTest {
  readonly clock: { now: number };
  readonly turns: ReadingTurns;
  close(): Promise<void>;
}

const DAV = 'https://dav.example.org';
const LEASE_MS = 1_000;

export function describeReadingTurns(name: string, make: () => Promise<TurnsUnderTest>): void {
  describe(`turns at reading: ${name}`, () => {
    let under: TurnsUnderTest;
    beforeEach(async () => {
      under = await make();
    });
    afterEach(() => under.close());
    const take = (owner: string, storage = DAV) => under.turns.take(storage, owner, LEASE_MS);

    it('are one crawler’s at each storage', async () => {
      expect(await take('a')).toBe(true);
      expect(await take('b')).toBe(false);
      expect(await take('b', 'https://other.example.org')).toBe(true);
      expect(await take('a')).toBe(true);
    });

    it('are one crawler’s where many ask at once', async () => {
      const asked = await Promise.all(Array.from({ length: 10 }, (_, at) => take(`crawler ${at}`)));
      expect(asked.filter((isOurs) => isOurs)).toHaveLength(1);
    });

    it('are another’s once they are given back, by whoever has them', async () => {
      await take('a');
      await under.turns.giveBack(DAV, 'b');
      expect(await take('b')).toBe(false);
      await under.turns.giveBack(DAV, 'a');
      expect(await take('b')).toBe(true);
      expect(await take('a')).toBe(false);
    });

    it('are another’s once their time is over, counted from when they were last renewed', async () => {
      await take('a');
      under.clock.now += LEASE_MS - 1;
      expect(await take('a')).toBe(true);
      under.clock.now += LEASE_MS - 1;
      expect(await take('b')).toBe(false);
      under.clock.now += 1;
      expect(await take('b')).toBe(true);
      expect(await take('a')).toBe(false);
      await under.turns.giveBack(DAV, 'a');
      expect(await take('c')).toBe(false);
    });
  });
}
