import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkRecord } from '../../src/domain/model/link.js';
import type { IndexUnderTest, MakeIndex } from './index-under-test.js';

export function describeLinkStore(name: string, make: MakeIndex): void {
  describe(`links: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
    });
    afterEach(() => index.close());

    const link = (user: string, more: Partial<LinkRecord> = {}): LinkRecord => ({
      user,
      server: 'https://cloud.example.org/',
      loginName: user,
      keyId: 'k1',
      sealed: Buffer.from(`sealed ${user}`),
      via: 'browser',
      linkedAt: 10,
      ...more,
    });

    it('keeps one for each user, the last that was put', async () => {
      expect(await index.links.find('jm')).toBeNull();
      await index.links.put(link('jm'));
      await index.links.put(link('jm', { via: 'log-in', linkedAt: 20, loginName: 'jm@x', sealed: Buffer.from('new') }));
      await index.links.put(link('lab'));
      const renewed = link('jm', { via: 'log-in', linkedAt: 20, loginName: 'jm@x', sealed: Buffer.from('new') });
      expect(await index.links.find('jm')).toEqual(renewed);
      expect(await index.links.list()).toEqual([renewed, link('lab')]);
    });

    it('returns the one in whose place another is put', async () => {
      expect(await index.links.put(link('jm'))).toBeNull();
      const renewed = link('jm', { linkedAt: 20, loginName: 'jm@x', sealed: Buffer.from('new') });
      expect(await index.links.put(renewed)).toEqual(link('jm'));
      expect(await index.links.put(link('lab'))).toBeNull();
      expect(await index.links.put(link('jm'))).toEqual(renewed);
    });

    it('removes it once, as it was last', async () => {
      await index.links.put(link('jm'));
      await index.links.put(link('jm', { linkedAt: 20 }));
      expect(await index.links.remove('jm')).toEqual(link('jm', { linkedAt: 20 }));
      expect(await index.links.remove('jm')).toBeNull();
      expect(await index.links.list()).toEqual([]);
    });

    it('lists those of other keys in the order of code points, some at a time', async () => {
      const users = ['a', 'b', 'ö', '𝒳', 'z'];
      for (const user of users) await index.links.put(link(user, { keyId: user === 'b' ? 'k2' : 'k1' }));
      const usersOf = async (after: string, atMost: number) =>
        (await index.links.sealedByOthers('k2', after, atMost)).map(({ user }) => user);
      expect(await usersOf('', 2)).toEqual(['a', 'z']);
      expect(await usersOf('z', 9)).toEqual(['ö', '𝒳']);
      expect(await index.links.sealedByOthers('k1', '', 9)).toEqual([link('b', { keyId: 'k2' })]);
    });

    it('is sealed anew unless it has changed meanwhile', async () => {
      for (const user of ['jm', 'lab', 'mia']) await index.links.put(link(user));
      const changes = (await index.links.list()).map((before) => ({
        before,
        keyId: 'k2',
        sealed: Buffer.from(`anew ${before.user}`),
      }));
      await index.links.put(link('lab', { sealed: Buffer.from('renewed'), linkedAt: 30 }));
      await index.links.remove('mia');
      await index.links.reseal(changes);
      expect(await index.links.list()).toEqual([
        link('jm', { keyId: 'k2', sealed: Buffer.from('anew jm') }),
        link('lab', { sealed: Buffer.from('renewed'), linkedAt: 30 }),
      ]);
    });
  });
}
