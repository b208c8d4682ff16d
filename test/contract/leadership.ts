import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lead } from '../../src/domain/ports/leadership.js';
import { type IndexUnderTest, type MakeIndex, RULES } from './index-under-test.js';

const LEASE_MS = 10_000;
const SPACES = [{ user: 'jm', url: 'http://dav.test/jm/' }];

export function describeLeadership(name: string, make: MakeIndex): void {
  describe(`leadership: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
    });
    afterEach(() => index.close());

    const stand = (holder: string) => index.leadership.stand(holder, LEASE_MS);
    const leads = async (holder: string): Promise<Lead> => {
      const lead = await stand(holder);
      if (lead === null) throw new Error(`${holder} doesn't lead`);
      return lead;
    };
    const configure = (lead: Lead) => index.spaces.configure(SPACES, RULES, index.clock.now, lead);

    it('is given to whoever stands first, and kept in its term', async () => {
      const lead = await leads('a');
      expect(lead.holder).toBe('a');
      index.clock.now += LEASE_MS - 1;
      expect(await stand('a')).toEqual(lead);
      index.clock.now += 3 * LEASE_MS;
      expect(await stand('a')).toEqual(lead);
    });

    it('lets its holder register spaces and file what is due', async () => {
      const lead = await leads('a');
      expect((await configure(lead)).map(({ user }) => user)).toEqual(['jm']);
      expect((await index.spaces.fileDue(index.clock.now, lead)).filed).toHaveLength(1);
    });

    it('is given back', async () => {
      await index.leadership.resign(await leads('a'));
      expect((await leads('b')).holder).toBe('b');
    });
  });
}

/** What holds of an index that several hosts share. */
export function describeSharedLeadership(name: string, make: MakeIndex): void {
  describe(`leadership of several hosts: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
    });
    afterEach(() => index.close());

    const stand = (holder: string) => index.leadership.stand(holder, LEASE_MS);
    const users = async () => (await index.catalogue.listSpaces()).spaces.map(({ user }) => user);

    it('passes to another one when its lease ends, and not before', async () => {
      const first = await stand('a');
      index.clock.now += LEASE_MS - 1;
      expect(await stand('b')).toBeNull();
      index.clock.now += 1;
      const second = await stand('b');
      expect(second?.term).toBeGreaterThan(first?.term ?? Number.POSITIVE_INFINITY);
      expect(await stand('a')).toBeNull();
    });

    it('is won by one of those who stand at the same time', async () => {
      for (let round = 0; round < 5; round++) {
        const stood = await Promise.all(Array.from({ length: 8 }, (_, n) => stand(`${round}-${n}`)));
        expect(stood.filter((lead) => lead !== null)).toHaveLength(1);
        index.clock.now += LEASE_MS;
      }
    });

    it('lets nobody decide who has lost it, however long ago that was noticed', async () => {
      const lost = await stand('a');
      if (lost === null) throw new Error('nobody leads');
      await index.spaces.configure(SPACES, RULES, index.clock.now, lost);
      index.clock.now += LEASE_MS;
      await stand('b');
      await expect(index.spaces.configure([], RULES, index.clock.now, lost)).rejects.toMatchObject({
        code: 'conflict',
      });
      await expect(index.spaces.fileDue(index.clock.now, lost)).rejects.toMatchObject({ code: 'conflict' });
      expect(await users()).toEqual(['jm']);
      expect(await index.syncs.list({ limit: 9 })).toEqual([]);
    });

    it('is not given back by whoever has lost it', async () => {
      const lost = await stand('a');
      index.clock.now += LEASE_MS;
      const held = await stand('b');
      if (lost !== null) await index.leadership.resign(lost);
      expect(await stand('c')).toBeNull();
      expect(await stand('b')).toEqual(held);
    });
  });
}
