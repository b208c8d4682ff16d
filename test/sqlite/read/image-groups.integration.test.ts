import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseImageFilter } from '../../../src/domain/lists/image-list.js';
import { compareGroups } from '../../../src/sqlite/check/check-readings.js';
import { ALL, configure, image, listing, syncOnce } from '../../contract/index-under-test.js';
import { broken, described, file } from '../../support/readings.js';
import { fewRunsOf } from '../../support/thorough.js';
import { makeSqliteIndex } from '../temporary-index.js';

const FILTERS = [
  ...[
    'family,eq,linux',
    'family,ne,linux',
    'family,in,linux|bsd',
    'cpus,gt,2',
    'memory_mib,ne,2048',
    'disk_count,eq,1',
  ],
  ...['state,eq,ok', 'state,eq,unknown', 'state,eq,uploading', 'state,eq,incomplete', 'state,eq,broken', 'state,ne,ok'],
  ...['settled,eq,false', 'settled,eq,true', 'state,in,unknown|uploading', 'family,eq,linux;state,eq,incomplete'],
];
const READINGS = [
  described(),
  described({ family: 'bsd', cpus: null, memoryMib: 4_096 }),
  described({ cpus: 8, disks: { count: 2, capacityBytes: 1 } }),
  described({ files: [file('missing.vmdk')] }),
  broken('empty'),
];

/** A listing of some files, each of this size and settled or not, or the reading of one of those that wait. */
type Step = { readonly files: Record<string, readonly [number, boolean]> } | { readonly reading: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    files: fc.dictionary(
      fc.constantFrom('a.ova', 'b.ova', 'c.ovf', 'd.ovf'),
      fc.tuple(fc.integer({ min: 1, max: 2 }), fc.boolean()),
    ),
  }),
  fc.record({ reading: fc.nat(READINGS.length - 1) }),
  fc.record({ reading: fc.nat(READINGS.length - 1) }),
);

it('counts as many images as there are, whatever becomes of them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 20 }), async (steps) => {
      const index = await makeSqliteIndex();
      try {
        const [space] = await configure(index, 'jm', 'lab');
        const id = space?.id ?? 0;
        for (const step of steps) {
          if ('reading' in step) {
            const [next] = await index.descriptions.toRead(id, 1);
            const reading = READINGS[step.reading];
            if (next !== undefined && reading !== undefined)
              await index.descriptions.store(id, next, reading, { requests: 1, bytes: 1 });
          } else {
            const seen = listing('', []);
            const images = Object.entries(step.files).map(([path, [sizeBytes, isSettled]]) =>
              image(path, { sizeBytes, modifiedAt: isSettled ? 1_000 : seen.askedAt }),
            );
            const siblings = Object.keys(step.files).map((name) => ({ name, sizeBytes: 1 }));
            await syncOnce(index, 'jm', { ...seen, images, siblings, memberCount: images.length + 1 });
          }
          compareGroups(index.db, (detail) => expect.fail(detail));
          for (const text of FILTERS) {
            const query = { ...ALL, filter: parseImageFilter(text) };
            const whole = (await index.catalogue.images('jm', query))?.images ?? [];
            const page = await index.catalogue.images('jm', { ...query, page: { number: 1, size: 1, cursor: null } });
            expect([text, page?.place.total]).toEqual([text, whole.length]);
          }
        }
      } finally {
        await index.close();
      }
    }),
    { numRuns: fewRunsOf(60) },
  );
});
