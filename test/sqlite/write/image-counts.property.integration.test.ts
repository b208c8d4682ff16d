import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countImages, noImages } from '../../../src/domain/description/image-counts.js';
import type { Space } from '../../../src/domain/model/space.js';
import { compareImageCounters } from '../../../src/sqlite/check/check-counters.js';
import { ALL, begin, commit, configure, image, listing, spaceOf } from '../../contract/index-under-test.js';
import { broken, described, file } from '../../support/readings.js';
import { fewRunsOf } from '../../support/thorough.js';
import { MIGRATIONS, MIGRATIONS_FOLDER, makeSqliteIndex } from '../temporary-index.js';

const NAMES = ['x.ova', 'y.ova', 'z.ovf'];
const READINGS = [described(), broken('empty'), broken('truncated'), described({ files: [file('disk.vmdk', 600)] })];
const inside = (collection: string, name: string) => (collection === '' ? name : `${collection}/${name}`);

/** What happens to a space: a folder is listed, it is gone, or an image is read. */
const anyStep = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('listed' as const),
      collection: fc.constantFrom('', 'a'),
      images: fc.subarray(NAMES),
      sizeBytes: fc.constantFrom(600, 700),
      isYoung: fc.boolean(),
      hasDisk: fc.option(fc.boolean()),
      removals: fc.constantFrom('apply', 'apply', 'hold'),
      children: fc.constantFrom<string[]>([], ['a'], ['a']),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), reading: fc.constantFrom(...READINGS) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('gone' as const) }) },
);

const countsOf = ({ describedImages, waitingImages, incompleteImages, brokenImages }: Space) => ({
  described: describedImages,
  waiting: waitingImages,
  incomplete: incompleteImages,
  broken: brokenImages,
});
const migration = MIGRATIONS.map(({ name }) => name).find((name) => name.endsWith('-image-counts.sql')) ?? '';
/** The part of the migration that counts what is there. */
const [, COUNT_ANEW = ''] = readFileSync(join(fileURLToPath(MIGRATIONS_FOLDER), migration), 'utf8').split(
  /(?=^UPDATE)/m,
);

it('counts images as they are shown, whatever becomes of them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
      const index = await makeSqliteIndex();
      try {
        await configure(index, 'jm', 'bystander');
        const { lease } = await begin(index, 'jm');
        const { id } = await spaceOf(index, 'jm');
        for (const step of steps) {
          index.clock.now += 60_000;
          if (step.kind === 'read') {
            const [waiting] = await index.descriptions.toRead(id, 1);
            if (waiting !== undefined)
              await index.descriptions.store(id, waiting, step.reading, { requests: 1, bytes: 1 });
          } else if (step.kind === 'gone') {
            await commit(index, lease, { ...listing('', ['keep.ova']), memberCount: 9 }, {}, { isAccepted: true });
          } else {
            const { collection, images, sizeBytes, isYoung, hasDisk, removals, children } = step;
            const seen = listing(
              collection,
              images.map((name) => image(inside(collection, name), { sizeBytes, modifiedAt: 1_000 })),
              collection === '' ? children : [],
            );
            const siblings = hasDisk === null ? null : [{ name: hasDisk ? 'disk.vmdk' : 'other', sizeBytes: 600 }];
            const askedAt = isYoung ? 2_000 : 1_000_000;
            const told = { ...seen, siblings, askedAt, memberCount: seen.memberCount + 1 };
            await commit(index, lease, told, { removals: removals as 'apply' | 'hold' }, { isAccepted: true });
          }
          const shown = await index.catalogue.images('jm', ALL);
          const expected = noImages();
          for (const { state } of shown?.images ?? []) countImages(expected, state, 1);
          expect(countsOf(await spaceOf(index, 'jm'))).toEqual(expected);
        }
        const findings: string[] = [];
        compareImageCounters(index.db, (finding) => findings.push(finding));
        expect(findings).toEqual([]);

        const kept = countsOf(await spaceOf(index, 'jm'));
        index.db.exec('UPDATE spaces SET described_images = 4711, waiting_images = 4711, broken_images = 4711');
        compareImageCounters(index.db, (finding) => findings.push(finding));
        expect(findings).toHaveLength(2);
        index.db.exec(
          'UPDATE spaces SET described_images = 0, waiting_images = 0, broken_images = 0, incomplete_images = 0',
        );
        index.db.exec(COUNT_ANEW);
        expect(countsOf(await spaceOf(index, 'jm'))).toEqual(kept);
      } finally {
        await index.close();
      }
    }),
    { numRuns: fewRunsOf(100) },
  );
});
