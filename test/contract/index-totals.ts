import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectedAge } from '../../src/domain/freshness/change-rate.js';
import { type Space, type SpaceState, stateOf } from '../../src/domain/model/space.js';
import { NO_COUNTS, type SyncOutcome } from '../../src/domain/model/sync.js';
import type { ReadIndexTotals } from '../../src/domain/ports/index-facts.js';
import { PROCESSED } from '../support/processed.js';
import { broken, described } from '../support/readings.js';
import { configure, type IndexUnderTest, listing, spaceOf, syncOnce } from './index-under-test.js';

const INTERVAL_MS = 900_000;
const outcome = fc.record<Partial<SyncOutcome>>(
  {
    status: fc.constantFrom('PROCESSED', 'ERROR', 'CANCELLED'),
    isUnauthorized: fc.boolean(),
    heldRemovals: fc.option(fc.integer({ min: 1, max: 50 })),
    counts: fc.integer({ min: 0, max: 1 }).map((failures) => ({ ...NO_COUNTS, failures })),
  },
  { requiredKeys: [] },
);
/** What becomes of one space: how its syncs end, and how long before the look the last one did. */
const history = fc.record({ outcomes: fc.array(outcome, { maxLength: 3 }), agoMs: fc.nat(3 * INTERVAL_MS) });

/** The freshness of each storage as its spaces say it one by one, up to what is lost in rounding. */
function expectedStorages(spaces: readonly Space[], now: number): readonly unknown[] {
  const listed = spaces.filter(({ lastSuccessAt }) => lastSuccessAt !== null);
  const byOrigin = new Map<string, { age: number; lag: number }[]>();
  for (const { url, rate, lastSuccessAt } of listed) {
    const age = now - (lastSuccessAt ?? 0);
    const { origin } = new URL(url);
    byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), { age, lag: expectedAge(rate, age) }]);
  }
  const near = (value: number) => expect.closeTo(value, -1) as number;
  const extent = (values: readonly number[]) => ({
    sum: near(values.reduce((a, b) => a + b, 0)),
    max: near(Math.max(...values)),
  });
  const told = [...byOrigin].map(([origin, all]) => ({
    origin,
    spaces: all.length,
    age: extent(all.map(({ age }) => age)),
    expectedAge: extent(all.map(({ lag }) => lag)),
  }));
  return told.sort((a, b) => b.spaces - a.spaces || (a.origin < b.origin ? -1 : 1));
}

/** `make` makes an index whose totals are read in the smallest pieces that there are; `numRuns` histories are tried. */
export function describeIndexTotals(
  name: string,
  make: () => Promise<IndexUnderTest & { readonly totals: ReadIndexTotals }>,
  numRuns: number,
): void {
  describe(`the totals of an index: ${name}`, () => {
    test('sums up what its spaces say one by one', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(history, { minLength: 1, maxLength: 6 }), async (histories) => {
          const index = await make();
          try {
            const start = 1_000_000_000;
            index.clock.now = start;
            const settings = histories.map((_, at) => ({
              user: `u${at}`,
              url: `http://127.0.0.${1 + (at % 2)}/u${at}/`,
            }));
            const spaces = await index.spaces.configure(settings, 'rules', start);
            const now = start + 4 * INTERVAL_MS;
            for (const [at, { outcomes, agoMs }] of histories.entries()) {
              const spaceId = spaces[at]?.id ?? 0;
              for (const each of outcomes) {
                index.clock.now = now - agoMs;
                await index.syncs.request({
                  spaceId,
                  mode: 'full',
                  trigger: 'command',
                  requestedBy: null,
                  targets: [],
                });
                const claimed = await index.syncs.claim({ owner: 'test', leaseMs: 30_000 });
                if (claimed === null) throw new Error('nothing to claim');
                await index.syncs.finish(claimed.lease, { ...PROCESSED, ...each });
              }
            }
            const listed = (await index.catalogue.listSpaces()).spaces;
            const states = new Map<SpaceState, number>();
            for (const space of listed) {
              const state = stateOf(space, now, INTERVAL_MS);
              states.set(state, (states.get(state) ?? 0) + 1);
            }
            const ends = listed.flatMap(({ lastSuccessAt }) => (lastSuccessAt === null ? [] : [lastSuccessAt]));
            ends.sort((a, b) => a - b);
            const troubles = listed.flatMap(({ user, trouble }) =>
              trouble === null ? [] : [{ user, message: trouble.message, at: trouble.at }],
            );
            const lastAt = Math.max(...troubles.map(({ at }) => at));
            const { lastTrouble, ...totals } = await index.totals(now, INTERVAL_MS);
            if (troubles.length === 0) expect(lastTrouble).toBeNull();
            else expect(troubles.filter(({ at }) => at === lastAt)).toContainEqual(lastTrouble);
            expect(totals).toMatchObject({
              spaces: states,
              images: 0,
              heldImages: listed.reduce((sum, { heldRemovals }) => sum + (heldRemovals ?? 0), 0),
              oldestSuccessAt: ends[0] ?? null,
              oldestUser: listed.some(({ lastSuccessAt }) => lastSuccessAt !== null)
                ? expect.toSatisfy((user) => listed.find((each) => each.user === user)?.lastSuccessAt === ends[0])
                : null,
              medianSuccessAt: ends[Math.floor(ends.length / 2)] ?? null,
              waitingSyncs: 0,
              runningSyncs: 0,
              storages: expectedStorages(listed, now),
              storedBytes: expect.any(Number) as number,
            });
          } finally {
            await index.close();
          }
        }),
        { numRuns },
      );
    });

    test('counts images by their state, without those of spaces that are left out', async () => {
      const index = await make();
      try {
        await configure(index, 'jm', 'lab', 'zoe');
        for (const user of ['jm', 'lab', 'zoe']) {
          await syncOnce(index, user, listing('', ['a.ova', 'b.ova', 'c.ova']));
          const { id } = await spaceOf(index, user);
          const [first, second] = await index.descriptions.toRead(id, 2);
          if (first === undefined || second === undefined) throw new Error('nothing waits');
          await index.descriptions.store(id, first, described(), { requests: 1, bytes: 1 });
          await index.descriptions.store(id, second, broken('empty'), { requests: 1, bytes: 1 });
        }
        await configure(index, 'jm', 'zoe');
        const { images, imagesByState } = await index.totals(index.clock.now, INTERVAL_MS);
        expect(images).toBe(6);
        expect(Object.fromEntries(imagesByState)).toEqual({
          ok: 2,
          incomplete: 0,
          broken: 2,
          unknown: 2,
          uploading: 0,
        });
      } finally {
        await index.close();
      }
    });
  });
}
