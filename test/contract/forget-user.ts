import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ForgetRest, ForgetUser } from '../../src/domain/model/audit.js';
import type { ListDeparted } from '../../src/domain/model/departed.js';
import { sizeOf } from '../support/thorough.js';
import { begin, commit, configure, end, type IndexUnderTest, listing, spaceOf, syncOnce } from './index-under-test.js';

/** An index whose users can be forgotten. */
interface Index extends IndexUnderTest {
  readonly forget: ForgetUser;
  readonly forgetRest: ForgetRest;
  readonly departed: ListDeparted;
  /** Returns all rows of all tables as text. */
  everything(): Promise<string>;
  /** Returns what is wrong with the index. */
  findings(): Promise<readonly unknown[]>;
}

/** More than go in one piece, and more than the trigram index takes in at once. */
const MANY = 4_500;
/** For what does not depend on how many there are. */
const SOME = sizeOf(MANY, 12);

export function describeForgetting(name: string, make: () => Promise<Index>): void {
  describe(`forgetting a user: ${name}`, () => {
    let index: Index;
    beforeEach(async () => {
      index = await make();
      await configure(index, 'jm', 'lab');
    });
    afterEach(() => index.close());

    const forget = (user: string, signal?: AbortSignal) => index.forget(user, signal);
    const fill = async (images = MANY) => {
      for (const user of ['jm', 'lab']) {
        const { lease } = await begin(index, user);
        const names = Array.from({ length: user === 'jm' ? images : 3 }, (_, at) => `a/${user}-image-${at}.ova`);
        await commit(index, lease, listing('', [`${user}.ova`], ['a']));
        await commit(index, lease, listing('a', names));
        await end(index, lease);
      }
      await index.tokens.create({ user: 'jm', hash: 'a'.repeat(64), scopes: [], createdAt: 1, expiresAt: null });
      await index.tokens.create({ user: 'lab', hash: 'b'.repeat(64), scopes: [], createdAt: 1, expiresAt: null });
      const { id } = await spaceOf(index, 'lab');
      await index.syncs.request({ spaceId: id, mode: 'full', trigger: 'request', requestedBy: 'jm', targets: [] });
    };
    it('leaves nothing of them, and everything of others', async () => {
      await fill();
      await configure(index, 'lab');
      expect(await forget('jm')).toEqual({ images: MANY + 1, collections: 2, syncs: 1, tokens: 1 });
      expect(await index.everything()).not.toMatch(/\bjm\b/);
      expect(await spaceOf(index, 'lab')).toMatchObject({ images: 4, collections: 2 });
      expect((await index.tokens.list()).map(({ user }) => user)).toEqual(['lab']);
      expect(await index.syncs.list({ user: 'lab', limit: 9 })).toMatchObject([{ requestedBy: null }, { user: 'lab' }]);
      expect(await index.findings()).toEqual([]);
      expect(await forget('jm')).toBeNull();
    });

    it('gives the number of their space to nobody, themselves included', async () => {
      await fill(SOME);
      const before = await spaceOf(index, 'jm');
      await configure(index, 'lab');
      await forget('jm');
      await configure(index, 'jm', 'lab', 'zoe');
      const after = await spaceOf(index, 'jm');
      expect(after).toMatchObject({ images: 0, revision: 0, lastSyncAt: null });
      expect(new Set([before.id, after.id, (await spaceOf(index, 'zoe')).id]).size).toBe(3);
      await syncOnce(index, 'jm', listing('', ['new.ova']));
      expect((await spaceOf(index, 'jm')).images).toBe(1);
    });

    it('is refused while the space is configured, and does nothing then', async () => {
      await fill(SOME);
      const before = await index.everything();
      await expect(forget('jm')).rejects.toMatchObject({ code: 'conflict' });
      expect(await index.everything()).toBe(before);
    });

    it('knows nobody by a name that nobody can have', async () => {
      expect(await forget('j\0m')).toBeNull();
    });

    it('begins anew with a user who comes back meanwhile', async () => {
      await fill();
      const before = await spaceOf(index, 'jm');
      await configure(index, 'lab');
      const forgetting = forget('jm');
      await setImmediate();
      await configure(index, 'jm', 'lab');
      await syncOnce(index, 'jm', listing('', ['new.ova']));
      expect(await forgetting).toEqual({ images: MANY + 1, collections: 2, syncs: 1, tokens: 1 });
      const after = await spaceOf(index, 'jm');
      expect(after).toMatchObject({ images: 1, collections: 1 });
      expect(after.id).not.toBe(before.id);
      expect(await index.everything()).not.toContain('jm-image');
      expect(await index.findings()).toEqual([]);
    });

    it('has the name and the tokens gone at once, and the rest with whoever is forgotten next, or by itself', async () => {
      for (const goOn of [() => forget('nobody'), () => index.forgetRest()]) {
        await configure(index, 'jm', 'lab');
        await fill(SOME);
        await configure(index, 'lab');
        expect(await index.forget('jm', AbortSignal.abort())).toEqual({
          images: 0,
          collections: 0,
          syncs: 0,
          tokens: 1,
        });
        expect((await index.tokens.list()).map(({ user }) => user)).toEqual(['lab']);
        expect(await index.departed()).toEqual([]);
        expect(await index.findings()).toEqual([]);
        expect(await forget('nobody', AbortSignal.abort())).toBeNull();
        expect(await index.everything()).toContain('jm-image');
        await goOn();
        expect(await index.everything()).not.toMatch(/\bjm\b/);
        expect(await index.findings()).toEqual([]);
        await configure(index);
        await forget('lab');
      }
      expect(await index.forgetRest()).toBe(0);
    });

    it('also takes the tokens of somebody without a space', async () => {
      await index.tokens.create({ user: 'guest', hash: 'c'.repeat(64), scopes: [], createdAt: 1, expiresAt: null });
      expect(await forget('guest')).toEqual({ images: 0, collections: 0, syncs: 0, tokens: 1 });
      expect(await forget('nobody')).toBeNull();
    });

    it('also takes the name of somebody who had joined the running sync of another', async () => {
      const { sync, lease } = await begin(index, 'lab');
      const { spaceId } = sync;
      const wanted = { spaceId, mode: 'incremental', trigger: 'request', requestedBy: 'guest', targets: [] } as const;
      expect(await index.syncs.request(wanted)).toMatchObject({ id: sync.id });
      expect(await index.everything()).toMatch(/\bguest\b/);
      expect(await forget('guest')).toEqual({ images: 0, collections: 0, syncs: 0, tokens: 0 });
      expect(await index.everything()).not.toMatch(/\bguest\b/);
      await end(index, lease);
      expect(await index.syncs.list({ limit: 1 })).toMatchObject([{ trigger: 'request', requestedBy: null }]);
      expect(await forget('guest')).toBeNull();
    });

    describe('who has left', () => {
      const departed = (before?: number) => index.departed(before);

      it('is known with the time at which they did, until they are back or forgotten', async () => {
        await fill(SOME);
        expect(await departed()).toEqual([]);
        index.clock.now = 5_000;
        await configure(index, 'lab');
        const jm = { user: 'jm', leftAt: 5_000, images: SOME + 1, collections: 2, tokens: 1 };
        expect(await departed()).toEqual([jm]);
        index.clock.now = 6_000;
        await configure(index);
        expect(await departed()).toMatchObject([jm, { user: 'lab', leftAt: 6_000, images: 4, tokens: 1 }]);
        expect(await departed(5_999)).toEqual([jm]);
        expect(await departed(4_999)).toEqual([]);
        await configure(index, 'lab');
        expect(await departed()).toEqual([jm]);
        await forget('jm');
        expect(await departed()).toEqual([]);
      });
    });
  });
}
