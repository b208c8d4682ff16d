import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseFilter } from '../../src/domain/lists/parse-filter.js';
import { TOKEN_LIST, type TokenQuery } from '../../src/domain/lists/token-list.js';
import { MAX_LOG_INS, MAX_OWN_TOKENS } from '../../src/domain/ports/token-store.js';
import { configure, type IndexUnderTest, type MakeIndex, spaceOf } from './index-under-test.js';

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
        name: null,
        usedAt: null,
        disabledAt: null,
        logInSpace: null,
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

    const TOKEN = { user: 'jm', scopes: [], createdAt: 10, expiresAt: null };
    const ALL: TokenQuery = { sort: TOKEN_LIST.byDefault };
    const idsOf = async (query: TokenQuery, now = 15, user = 'jm') =>
      (await index.tokens.page(user, query, now)).tokens.map(({ id }) => id);

    it('keeps many at once, or none of them', async () => {
      const many = ['a', 'b', 'c'].map((digit) => ({ ...TOKEN, hash: hash(digit), name: digit }));
      const created = await index.tokens.createAll(many);
      expect(created.map(({ name, hash: kept }) => [name, kept])).toEqual(many.map((each) => [each.name, each.hash]));
      const clash = [
        { ...TOKEN, hash: hash('d') },
        { ...TOKEN, hash: hash('a') },
      ];
      await expect(index.tokens.createAll(clash)).rejects.toThrow();
      expect(await index.tokens.list()).toHaveLength(3);
    });

    it('shows a user the own tokens that are not revoked, and lets nobody else touch them', async () => {
      const own = await index.tokens.create({ ...TOKEN, hash: hash('a') });
      const revoked = await index.tokens.create({ ...TOKEN, hash: hash('b') });
      const other = await index.tokens.create({ ...TOKEN, user: 'lab', hash: hash('c') });
      await index.tokens.revoke(revoked.id, 12);
      expect(await idsOf(ALL)).toEqual([own.id]);
      for (const id of [revoked.id, other.id, 99]) {
        expect(await index.tokens.find('jm', id)).toBeNull();
        expect(await index.tokens.setDisabled('jm', id, 15)).toBeNull();
        expect(await index.tokens.end('jm', id, 15)).toBe(false);
      }
      expect(await index.tokens.find('jm', own.id)).toEqual(own);
      expect(await index.tokens.end('jm', own.id, 15)).toBe(true);
      expect(await index.tokens.findByHash(hash('a'))).toMatchObject({ revokedAt: 15 });
      expect(await index.tokens.findByHash(hash('c'))).toEqual(other);
    });

    it('disables a token from the first time on, and enables it', async () => {
      const { id } = await index.tokens.create({ ...TOKEN, hash: hash('a') });
      expect(await index.tokens.setDisabled('jm', id, 20)).toMatchObject({ id, disabledAt: 20 });
      expect(await index.tokens.setDisabled('jm', id, 30)).toMatchObject({ disabledAt: 20 });
      expect(await index.tokens.setDisabled('jm', id, null)).toMatchObject({ disabledAt: null });
    });

    it('lists in any order and part, and filters by what is true at a time', async () => {
      const names = ['deploy', null, 'Nightly'];
      const made = await index.tokens.createAll(
        names.map((name, at) => ({ ...TOKEN, hash: hash(`${at}`), name, expiresAt: at === 0 ? 20 : null })),
      );
      const [first = 0, second = 0, third = 0] = made.map(({ id }) => id);
      await index.tokens.setDisabled('jm', third, 12);
      await index.tokens.noteUses([{ id: second, at: 14 }]);
      const filtered = (filter: string): TokenQuery => ({ ...ALL, filter: parseFilter(filter, TOKEN_LIST.fields) });
      expect(await idsOf(ALL)).toEqual([third, second, first]);
      expect(await idsOf({ sort: [{ field: 'name', direction: 'asc' }] })).toEqual([second, third, first]);
      expect(await idsOf({ sort: [{ field: 'last_access', direction: 'desc' }] })).toEqual([second, third, first]);
      expect(await idsOf(filtered('valid,eq,true'))).toEqual([second, first]);
      expect(await idsOf(filtered('active,eq,false'))).toEqual([third]);
      expect(await idsOf(filtered('valid,eq,true'), 20)).toEqual([second]);
      expect(await idsOf(filtered('name,like,%NIGHT%'))).toEqual([third]);
      const page = await index.tokens.page('jm', { ...ALL, page: { number: 2, size: 2, cursor: null } }, 15);
      expect([page.tokens.map(({ id }) => id), page.place.total]).toEqual([[first], 3]);
    });

    it('notes the last use, and no earlier one after it', async () => {
      const { id } = await index.tokens.create({ ...TOKEN, hash: hash('a') });
      await index.tokens.noteUses([
        { id, at: 100 },
        { id: 99, at: 100 },
      ]);
      await index.tokens.noteUses([{ id, at: 50 }]);
      expect(await index.tokens.find('jm', id)).toMatchObject({ usedAt: 100 });
    });

    describe('of users who ask for them', () => {
      const DAY = 86_400_000;
      let drawn = 0;
      const createOwn = (changed: { user?: string; createdAt?: number; expiresAt?: number | null } = {}) =>
        index.tokens.createOwn({ ...TOKEN, expiresAt: DAY, hash: `${++drawn}`.padStart(64, '0'), ...changed });
      const fill = async () => {
        for (let n = 0; n < MAX_OWN_TOKENS; n++) await createOwn();
      };

      it('have a bound for each user, of those that may still be used', async () => {
        await fill();
        expect(await createOwn()).toBeNull();
        expect(await createOwn({ user: 'lab' })).toMatchObject({ user: 'lab' });
        const [first = 0, second = 0] = await idsOf({ sort: [{ field: 'id', direction: 'asc' }] });
        await index.tokens.setDisabled('jm', first, 12);
        expect(await createOwn(), 'one that is disabled may be enabled again').toBeNull();
        await index.tokens.end('jm', second, 12);
        expect(await createOwn()).not.toBeNull();
        expect(await createOwn()).toBeNull();
        expect(await createOwn({ createdAt: DAY, expiresAt: 2 * DAY })).not.toBeNull();
      });

      it('are deleted at last, the oldest of those that are over first, log-ins apart', async () => {
        await configure(index, 'jm');
        const logInSpace = (await spaceOf(index, 'jm')).id;
        const logIn = await index.tokens.recordLogIn({ ...TOKEN, hash: hash('e'), expiresAt: 10 * DAY, logInSpace });
        const others = await createOwn({ user: 'lab' });
        const living = await createOwn({ expiresAt: null });
        for (let n = 0; n < MAX_OWN_TOKENS + 5; n++) {
          const token = await createOwn();
          await index.tokens.end('jm', token?.id ?? 0, 12);
        }
        const last = await createOwn();
        const left = await index.tokens.list({ logIns: true });
        const own = left.filter(({ user, logInSpace: of }) => user === 'jm' && of === null);
        expect(own).toHaveLength(MAX_OWN_TOKENS + 2);
        expect(own.slice(-3).map(({ revokedAt }) => revokedAt)).toEqual([12, 12, null]);
        for (const kept of [logIn, others, living, last]) expect(left).toContainEqual(kept);
      });
    });

    describe('of log-ins', () => {
      const logIn = async (digits: string, createdAt = 10, expiresAt = createdAt + 100) => {
        const { id: logInSpace } = await spaceOf(index, 'jm');
        return index.tokens.recordLogIn({
          ...TOKEN,
          hash: digits.padStart(64, '0'),
          createdAt,
          expiresAt,
          logInSpace,
        });
      };

      it('are a user\u2019s own like all others, and not in the list of all', async () => {
        await configure(index, 'jm');
        const record = await logIn('a');
        expect(record).toMatchObject({ user: 'jm', logInSpace: (await spaceOf(index, 'jm')).id });
        expect(await idsOf(ALL)).toEqual([record?.id]);
        expect(await index.tokens.list()).toEqual([]);
        expect(await index.tokens.list({ logIns: true })).toEqual([record]);
      });

      it('are kept for the user who has that space, and for nobody else', async () => {
        await configure(index, 'jm', 'lab');
        const logInSpace = (await spaceOf(index, 'lab')).id;
        const token = { ...TOKEN, hash: hash('a'), logInSpace };
        expect(await index.tokens.recordLogIn(token)).toBeNull();
        await configure(index, 'lab');
        expect(await index.tokens.recordLogIn({ ...token, logInSpace: 1 })).toBeNull();
        expect(await index.tokens.findByHash(hash('a'))).toBeNull();
      });

      it('are forgotten when they are over, and access tokens are not', async () => {
        await configure(index, 'jm');
        const expired = await index.tokens.create({ ...TOKEN, hash: hash('b'), expiresAt: 50 });
        await logIn('1');
        const second = await logIn('2', 110);
        expect(await idsOf(ALL, 110)).toEqual([second?.id, expired.id]);
      });

      it('have a bound; those go first that were not used for the longest time', async () => {
        await configure(index, 'jm');
        const first = await logIn('1', 10, 10_000);
        const second = await logIn('2', 11, 10_000);
        await index.tokens.noteUses([{ id: first?.id ?? 0, at: 5_000 }]);
        const { id: logInSpace } = await spaceOf(index, 'jm');
        // As many at once as there is still room for: each of them alone would delete none.
        await index.tokens.createAll(
          Array.from({ length: MAX_LOG_INS - 2 }, (_, n) => ({
            ...TOKEN,
            hash: `3${n}`.padStart(64, '0'),
            createdAt: 20 + n,
            expiresAt: 10_000,
            logInSpace,
          })),
        );
        expect(await index.tokens.find('jm', second?.id ?? 0)).not.toBeNull();
        await logIn('4', 20 + MAX_LOG_INS, 10_000);
        expect(await index.tokens.find('jm', first?.id ?? 0)).not.toBeNull();
        expect(await index.tokens.find('jm', second?.id ?? 0)).toBeNull();
        expect(await idsOf(ALL)).toHaveLength(MAX_LOG_INS);
      });
    });
  });
}
