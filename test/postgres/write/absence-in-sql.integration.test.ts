import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AbsenceMarks, markedAbsent, reconfirmedSince } from '../../../src/domain/policy/absence.js';
import { keepsReading } from '../../../src/domain/reconcile/compare-images.js';
import { at, begin, commit, configure, image, listing, syncOnce } from '../../contract/index-under-test.js';
import { makePgliteIndex } from '../pglite-index.js';

const NOW = 1_000_000;
const SYNCS = [null, 1, 1_000];
const MARKS = SYNCS.flatMap((absentInSync) => SYNCS.map((absentInFull) => ({ absentInSync, absentInFull })));
const PATHS = MARKS.map((_, place) => `d/${place}.ova`);

/** Where statements decide of many images at once, they decide as the domain does. */
describe('SQL decides as the domain does', () => {
  let index: Awaited<ReturnType<typeof makePgliteIndex>>;
  beforeEach(async () => {
    index = await makePgliteIndex();
    index.clock.now = NOW;
    await configure(index, 'jm');
  });
  afterEach(() => index.close());

  const marks = () =>
    index.db.rows<AbsenceMarks>(
      `SELECT absent_in_sync AS "absentInSync", absent_in_full AS "absentInFull", absent_since AS "absentSince"
       FROM images ORDER BY id`,
    );

  /** A collection whose images have all of these marks, and a sync to go on with. */
  const prepare = async (mode: 'full' | 'incremental') => {
    await syncOnce(index, 'jm', listing('', [], ['d']), listing('d', PATHS));
    for (const [place, { absentInSync, absentInFull }] of MARKS.entries()) {
      await index.db.run(
        'UPDATE images SET absent_in_sync = $1, absent_in_full = $2, absent_since = 5 WHERE path = $3',
        [absentInSync, absentInFull, PATHS[place]],
      );
    }
    return { lease: (await begin(index, 'jm', { mode })).lease, before: await marks() };
  };

  it.each(['full', 'incremental'] as const)('what is marked as absent in a sync that is %s', async (mode) => {
    const { lease, before } = await prepare(mode);
    const after = before.map((each) => markedAbsent(each, { id: lease.syncId, isFull: mode === 'full' }, NOW));
    await commit(index, lease, listing('', []), { absent: [], unproven: [at('d')] });
    expect(await marks()).toEqual(after);
    // Once more, image by image: the first mark counts.
    await commit(index, lease, listing('d', []), { removals: 'hold' });
    expect(await marks()).toEqual(after);
  });

  it.each(['full', 'incremental'] as const)('the same image by image, in a sync that is %s', async (mode) => {
    const { lease, before } = await prepare(mode);
    await commit(index, lease, listing('d', []), { removals: 'hold' });
    const sync = { id: lease.syncId, isFull: mode === 'full' };
    expect(await marks()).toEqual(before.map((each) => markedAbsent(each, sync, NOW)));
  });

  const RETURNS = [1, 2, 1_000, 1_001].flatMap((since) =>
    [null, 1, 1_000].flatMap((emptiedInSync) =>
      [false, true].map((isRefused) => [since, emptiedInSync, isRefused] as const),
    ),
  );
  it.each(RETURNS)(
    'what is left of the marks below a collection that was missed since sync %i and is back, emptied in sync %j, refused: %j',
    async (since, emptiedInSync, isRefused) => {
      const { lease, before } = await prepare('incremental');
      await index.db.run('UPDATE collections SET absent_in_sync = $1, empty_in_sync = $2 WHERE path = $3', [
        since,
        emptiedInSync,
        'd',
      ]);
      await index.db.run('UPDATE spaces SET is_removal_refused = $1', [isRefused]);
      await commit(index, lease, listing('', []), { absent: [], present: [at('d')] });
      const isSince = emptiedInSync !== null && emptiedInSync >= since;
      // Marks that stand alone are of no use, and stay.
      const after = before.map((each) =>
        each.absentInSync === null
          ? each
          : reconfirmedSince(each, since, { emptiedInSync: isSince ? emptiedInSync : null, isRefused }),
      );
      expect(await marks()).toEqual(after);
    },
  );

  it('whether what was read of an image is kept when it returns', async () => {
    const contents = [null, 1, 2].flatMap((sizeBytes) =>
      [null, 1_000, 2_000].flatMap((modifiedAt) => [null, 'a', 'b'].map((etag) => ({ sizeBytes, modifiedAt, etag }))),
    );
    const pairs = contents.flatMap((before) => contents.map((now) => ({ before, now })));
    await index.db.run(
      `WITH gone AS (
         INSERT INTO images (space, path, name, name_key, size_bytes, modified_at, etag, created_at, updated_at,
           missing_since, state)
         SELECT 1, name, name, name, size_bytes, modified_at, etag, 1, 1, 1, 1
         FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]) AS gone (name, size_bytes, modified_at, etag)
         RETURNING id
       )
       INSERT INTO descriptions SELECT id, 1, 1, 1, 1, 1, '{}' FROM gone`,
      [
        pairs.map((_, n) => `${n}.ova`),
        pairs.map(({ before }) => before.sizeBytes),
        pairs.map(({ before }) => before.modifiedAt),
        pairs.map(({ before }) => before.etag),
      ],
    );
    await syncOnce(
      index,
      'jm',
      listing(
        '',
        pairs.map(({ now }, n) => image(`${n}.ova`, now)),
      ),
    );
    const rows = await index.db.rows<{ isKept: boolean; isRead: boolean }>(
      `SELECT state IS NOT NULL AS "isKept", image IS NOT NULL AS "isRead"
       FROM images LEFT JOIN descriptions ON image = id WHERE missing_since IS NULL ORDER BY length(path), path`,
    );
    const expected = pairs.map(({ before, now }) => keepsReading(image('x.ova', before), image('x.ova', now)));
    expect(rows).toEqual(expected.map((isKept) => ({ isKept, isRead: isKept })));
    expect(new Set(expected)).toEqual(new Set([true, false]));
  });
});
