import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Listing, Sibling } from '../../../src/domain/model/listing.js';
import { parentOf, type ResourcePath } from '../../../src/domain/model/path.js';
import type { CollectionCommit } from '../../../src/domain/ports/image-index.js';
import type { Lease } from '../../../src/domain/ports/sync-log.js';
import { at, begin, configure, end, image, listing, reconcilingIn } from '../../contract/index-under-test.js';
import { makeSqliteIndex } from '../../sqlite/temporary-index.js';
import { readWhole, reconcileWhole } from '../../support/known-whole.js';
import type { ReadIndexPorts } from '../../support/memory-index/memory-index.js';
import { described, file } from '../../support/readings.js';
import { fewRunsOf } from '../../support/thorough.js';
import { makePgliteIndex } from '../pglite-index.js';

const COLLECTIONS = ['', 'a', 'a/b', 'a/b/c', 'a/é', 'a!', 'x.ova'];
const CHILDREN = ['absent', 'unproven', 'present', 'left'] as const;
const COST = { requests: 1, bytes: 100 };

interface Look {
  readonly seen: Listing;
  readonly removals: 'apply' | 'hold';
  /** What becomes of children that the listing no longer has, in turn. */
  readonly children: readonly (typeof CHILDREN)[number][];
}

type Step =
  | { readonly kind: 'commit'; readonly looks: readonly Look[] }
  | { readonly kind: 'show'; readonly paths: readonly string[]; readonly unsettled: readonly string[] }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'prove' | 'distrust' | 'outdate'; readonly path: string }
  | { readonly kind: 'read' }
  | { readonly kind: 'next sync'; readonly mode: 'full' | 'incremental' };

const inside = (collection: string, name: string) => (collection === '' ? name : `${collection}/${name}`);
const anyPath = fc.constantFrom(...COLLECTIONS);
const anySiblings: fc.Arbitrary<readonly Sibling[] | null> = fc.option(
  fc.subarray([
    { name: 'disk.vmdk', sizeBytes: 7 },
    { name: 'x.ovf', sizeBytes: 1 },
  ]),
);

const anyLook: fc.Arbitrary<Look> = anyPath.chain((collection) =>
  fc
    .record({
      images: fc.dictionary(
        fc.constantFrom('x.ova', 'X.ova', 'x.ovf', 'y.OVF'),
        fc.record({
          sizeBytes: fc.constantFrom(null, 1, 2),
          etag: fc.constantFrom(null, 'e'),
          modifiedAt: fc.constantFrom(null, 1_000, 1_600_000_000_000),
        }),
      ),
      children: fc.subarray(COLLECTIONS.filter((path) => path !== '' && parentOf(at(path)) === collection)),
      marker: fc.constantFrom(null, 'etag:1', 'etag:2'),
      flags: fc.record({ isMount: fc.boolean(), isJoined: fc.boolean() }),
      siblings: anySiblings,
      misfits: fc.constantFrom([], [], ['an entry without a name']),
      others: fc.constantFrom(0, 1, 1),
      removals: fc.constantFrom('apply', 'apply', 'hold'),
      fates: fc.array(fc.constantFrom(...CHILDREN), { minLength: 1, maxLength: 3 }),
      isOfNow: fc.boolean(),
    })
    .map(({ images, children, marker, flags, siblings, misfits, others, removals, fates, isOfNow }) => {
      const members = Object.entries(images).map(([name, content]) => image(inside(collection, name), content));
      const seen = listing(collection, members, children, marker);
      return {
        seen: {
          ...seen,
          // Some images are of this very moment, so they may still be written to.
          askedAt: isOfNow ? 1_600_000_000_000 : seen.askedAt,
          collections: seen.collections.map((child) => ({ ...child, ...flags })),
          siblings,
          misfits,
          memberCount: seen.memberCount + others,
        },
        removals,
        children: fates,
      };
    }),
);

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      looks: fc.array(anyLook, { minLength: 1, maxLength: 5 }),
    }),
  },
  fc.record({
    kind: fc.constant('show' as const),
    paths: fc.subarray(COLLECTIONS.map((path) => inside(path, 'x.ova'))),
    unsettled: fc.subarray(COLLECTIONS.map((path) => inside(path, 'x.ova'))),
  }),
  // Within its folder, as collections are.
  fc
    .constantFrom(['a', 'b'], ['b', 'a'], ['a/b', 'a/É'], ['a/é', 'a/É'], ['a/é', 'a/b'])
    .map(([from = '', to = '']) => ({ kind: 'rename' as const, from, to })),
  fc.record({ kind: fc.constantFrom('prove' as const, 'distrust' as const, 'outdate' as const), path: anyPath }),
  { weight: 2, arbitrary: fc.constant({ kind: 'read' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('next sync' as const),
      mode: fc.constantFrom('full' as const, 'incremental' as const),
    }),
  },
);

type Index = Awaited<ReturnType<typeof makeSqliteIndex>> | Awaited<ReturnType<typeof makePgliteIndex>>;

/** What an index holds, without the ids of its rows. */
const TABLES = {
  spaces: `SELECT revision, changed_at, images, collections, described_images, waiting_images, incomplete_images,
    broken_images, read_bytes, has_unread, searched_marker FROM spaces ORDER BY id`,
  collections: `SELECT own.path, parents.path AS parent, own.marker, own.modified_at, own.listed_at, own.is_settled,
    own.is_proven, own.is_mount, own.is_joined, own.is_contradicted, own.empty_in_sync, own.listed_in_sync,
    own.absent_in_sync, own.absent_in_full, CAST(own.to_visit AS text) AS to_visit, CAST(own.siblings AS text) AS siblings
    FROM collections AS own LEFT JOIN collections AS parents ON parents.id = own.parent ORDER BY own.space, own.path`,
  images: `SELECT images.path, collections.path AS collection, name, name_key, size_bytes, etag, images.modified_at, created_at,
    updated_at, changed_in, missing_since, images.absent_in_sync, images.absent_in_full, absent_since, images.is_settled,
    state, product, version, os, family, cpus, memory_mib, disk_count, capacity_bytes
    FROM images LEFT JOIN collections ON collections.id = images.collection ORDER BY images.space, images.path`,
  descriptions: `SELECT path, reader, requests, bytes, read_at, CAST(reading AS text) AS reading
    FROM descriptions JOIN images ON images.id = image ORDER BY images.space, path`,
};

async function contentOf(index: Index): Promise<unknown> {
  const content: Record<string, unknown> = {};
  for (const [table, sql] of Object.entries(TABLES)) {
    const rows = 'rows' in index.db ? await index.db.rows<object>(sql) : (index.db.prepare(sql).all() as object[]);
    content[table] = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, typeof value === 'boolean' ? Number(value) : value]),
      ),
    );
  }
  return content;
}

async function commitOf(
  index: ReadIndexPorts,
  lease: Lease,
  isFull: boolean,
  { seen, removals, children }: Look,
): Promise<readonly CollectionCommit[]> {
  const known = await readWhole(index.index, lease.spaceId, seen.collection);
  const changes = reconcileWhole(seen, known, { ...reconcilingIn(lease), isFull });
  if (changes === null) return [];
  const vanished = changes.vanished.map(({ child }) => child.path).sort();
  const fated = (fate: (typeof CHILDREN)[number]) => vanished.filter((_, n) => children[n % children.length] === fate);
  const fates = { absent: fated('absent'), unproven: fated('unproven'), present: fated('present') };
  return [{ changes, ...fates, removals, toVisit: removals === 'hold' ? null : vanished }];
}

/** Does a step, and returns what it says. */
async function take(index: Index, lease: Lease, isFull: boolean, step: Step): Promise<unknown> {
  switch (step.kind) {
    case 'commit': {
      const commits: CollectionCommit[] = [];
      for (const look of step.looks) commits.push(...(await commitOf(index, lease, isFull, look)));
      return index.index.commit(lease, commits);
    }
    case 'show':
      return index.index.show(
        lease,
        step.paths.map((path) => image(path)),
        new Set(step.unsettled.map(at)),
      );
    case 'rename':
      return index.index.rename(lease, at(step.from), at(step.to));
    case 'prove':
      return index.index.prove(lease, [at(step.path)]);
    case 'distrust':
      return index.index.distrust(lease, at(step.path));
    case 'outdate':
      return index.index.outdate(lease, at(step.path));
    case 'read': {
      const images = [...(await index.descriptions.toRead(lease.spaceId, 100))].sort((a, b) =>
        a.path < b.path ? -1 : 1,
      );
      const stored: [ResourcePath, boolean][] = [];
      for (const each of images) {
        const reading = described({ files: [file('disk.vmdk')] });
        stored.push([each.path, await index.descriptions.store(lease.spaceId, each, reading, COST)]);
      }
      return stored;
    }
    case 'next sync':
      return null;
  }
}

it('both engines hold the same after the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 20 }), async (steps) => {
      const indexes = [await makeSqliteIndex(), await makePgliteIndex()] as const;
      try {
        const run = async (index: Index) => {
          await configure(index, 'jm', 'bystander');
          let isFull = true;
          let { lease } = await begin(index, 'jm');
          const told: unknown[] = [];
          for (const step of steps) {
            index.clock.now += 1;
            if (step.kind === 'next sync') {
              await end(index, lease);
              isFull = step.mode === 'full';
              ({ lease } = await begin(index, 'jm', { mode: step.mode }));
            }
            told.push({ step, says: await take(index, lease, isFull, step), content: await contentOf(index) });
          }
          return told;
        };
        const [sqlite, postgres] = [await run(indexes[0]), await run(indexes[1])];
        expect(postgres).toEqual(sqlite);
      } finally {
        for (const index of indexes) await index.close();
      }
    }),
    { numRuns: fewRunsOf(60) },
  );
}, 120_000);
