import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NAMED_PLACES } from '../../src/domain/ports/path-traces.js';
import {
  at,
  begin,
  commit,
  configure,
  end,
  type IndexUnderTest,
  listing,
  type MakeIndex,
  spaceOf,
} from './index-under-test.js';

export function describePathTraces(name: string, make: MakeIndex): void {
  describe(`traces of paths: ${name}`, () => {
    let index: IndexUnderTest;
    beforeEach(async () => {
      index = await make();
      index.clock.now = 1_000_000;
      await configure(index, 'jm', 'lab');
    });
    afterEach(() => index.close());

    const sync = async (user: string, listings: readonly ReturnType<typeof listing>[], warnings: string[] = []) => {
      index.clock.now += 1_000;
      const { lease } = await begin(index, user);
      for (const each of listings) await commit(index, lease, each);
      await end(index, lease, { warnings });
    };
    const traced = async (path: string) => index.traces.trace((await spaceOf(index, 'jm')).id, at(path));
    const placesOf = async (given: string, user = 'jm') =>
      index.traces.placesOf((await spaceOf(index, user)).id, given);

    it('of a space that was never synced know nothing', async () => {
      expect(await traced('a/x.ova')).toEqual({ image: null, folder: null, warnings: [], elsewhere: [] });
      expect(await placesOf('x.ova')).toEqual([]);
    });

    it('show the image, the nearest folder, the last warnings, and where else the name is', async () => {
      await sync('jm', [listing('', ['x.ova'], ['a', 'b']), listing('a', ['a/X.ova'])], ['/b: 403 Forbidden']);
      expect(await traced('x.ova')).toEqual({
        image: { missingSince: null, absentSince: null, isSettled: true },
        folder: { path: '', isListed: true, listedAt: expect.any(Number) as number },
        warnings: ['/b: 403 Forbidden'],
        elsewhere: ['a/X.ova'],
      });
      expect(await traced('a/X.ova')).toMatchObject({ image: { isSettled: true } });
      expect(await traced('b/c/x.ova')).toMatchObject({
        image: null,
        folder: { path: 'b', isListed: false, listedAt: null },
        elsewhere: ['a/X.ova', 'x.ova'],
      });
    });

    it('name the listed places of a name first, in any case and Unicode form, then those gone, the latest first', async () => {
      const cafes = ['1/café.ova', '2/CAFE\u0301.ova', '3/Café.ova', '4/café.ova'];
      const folders = ['1', '2', '3', '4'];
      const listed = (gone: readonly string[]) => [
        listing('', [], folders),
        ...folders.map((folder, n) => listing(folder, gone.includes(folder) ? [] : [cafes[n] as string])),
      ];
      await sync('jm', listed([]));
      await sync('lab', [listing('', ['café.ova'])]);
      expect(await placesOf('CAFÉ.OVA')).toEqual(cafes);
      await sync('jm', listed(['1']));
      await sync('jm', listed(['1', '3']));
      expect(await placesOf('café.ova')).toEqual(['2/CAFE\u0301.ova', '4/café.ova', '3/Café.ova', '1/café.ova']);
      expect(await traced('3/Café.ova')).toMatchObject({ image: { missingSince: index.clock.now } });
      expect(await placesOf('café')).toEqual([]);
    });

    it('name so many places and no more', async () => {
      const folders = Array.from({ length: NAMED_PLACES + 5 }, (_, n) => `f${n + 10}`);
      await sync('jm', [listing('', [], folders), ...folders.map((folder) => listing(folder, [`${folder}/x.ova`]))]);
      expect(await placesOf('x.ova')).toEqual(folders.slice(0, NAMED_PLACES).map((folder) => `${folder}/x.ova`));
    });
  });
}
