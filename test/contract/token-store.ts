import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IndexUnderTest, MakeIndex } from './index-under-test.js';

export function describeTokenStore(name: string, make: MakeIndex): void {
  describe(`tokens: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
    });
    afterEach(() => index.close());

    const hash = (digit: string) => digit.repeat(64);

    it('finds a token by its hash alone', async () => {
      const created = await index.tokens.create({
        user: 'jm',
        hash: hash('a'),
        scopes: ['admin'],
        createdAt: 10,
        expiresAt: 20,
      });
      expect(created).toEqual({
        id: created.id,
        user: 'jm',
        hash: hash('a'),
        scopes: ['admin'],
        createdAt: 10,
        expiresAt: 20,
        revokedAt: null,
      });
      expect(await index.tokens.findByHash(hash('a'))).toEqual(created);
      expect(await index.tokens.findByHash(hash('b'))).toBeNull();
    });

    it('lists by id, revoked and expired ones too', async () => {
      const token = { user: 'jm', scopes: [], createdAt: 10, expiresAt: null };
      const first = await index.tokens.create({ ...token, hash: hash('c') });
      const second = await index.tokens.create({ ...token, hash: hash('a'), expiresAt: 11 });
      await index.tokens.revoke(first.id, 50);
      expect(await index.tokens.list()).toEqual([{ ...first, revokedAt: 50 }, second]);
    });

    it('keeps the time of the first revocation and knows an unknown id', async () => {
      const token = { user: 'jm', hash: hash('a'), scopes: [], createdAt: 10, expiresAt: null };
      const { id } = await index.tokens.create(token);
      expect(await index.tokens.revoke(id, 50)).toBe(true);
      expect(await index.tokens.revoke(id, 60)).toBe(true);
      expect((await index.tokens.findByHash(hash('a')))?.revokedAt).toBe(50);
      expect(await index.tokens.revoke(id + 1, 50)).toBe(false);
    });
  });
}
