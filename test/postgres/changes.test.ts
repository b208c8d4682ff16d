import { describe, expect, it } from 'vitest';
import { type ChangesParts, followChanges } from '../../src/postgres/connection/changes.js';
import { createVirtualTime } from '../support/virtual-time.js';

/** What is promised, and what is usual while stamps are asked for. */
const LAG_MS = 250;
const USUAL_LAG_MS = 20;
/** So often the database looks while it waits. */
const LOOK_EVERY_MS = 15;
/** Round trips of a line that is given up by whoever opened it. */
const GIVEN_UP_AFTER_MS = 2_000;

interface Faults {
  /** Of a whole round trip. */
  tripMs: number;
  /** Nothing arrives any more, and nobody notices. */
  isCutOff: boolean;
  isRefused: boolean;
  /** By how much the monotonic clock of the host is behind. */
  sleptMs: number;
}

function createScene(faults: Partial<Faults> = {}) {
  const time = createVirtualTime();
  const scene: Faults = { tripMs: 1, isCutOff: false, isRefused: false, sleptMs: 0, ...faults };
  const opened: number[] = [];
  let ended = 0;
  /** Of the present line. */
  let lose: (() => void) | null = null;
  let commits = 0;
  let beats = 0;
  /** The last of them that has ended tokens. */
  let lastEnding = 0;
  /** Goes to the database and back, and brings along how many commits there have been, waiting there for one more than known. */
  const trip = async (onLost: () => void, signal: AbortSignal, known = -1, waitMs = 0): Promise<number> => {
    const isLost = scene.isCutOff;
    await time.sleep(isLost ? GIVEN_UP_AFTER_MS : scene.tripMs / 2, signal);
    if (isLost) throw new Error('no answer');
    for (let left = waitMs; left >= LOOK_EVERY_MS; left -= LOOK_EVERY_MS) {
      await time.sleep(LOOK_EVERY_MS, signal);
      if (commits > known) break;
    }
    const count = commits;
    await time.sleep(scene.tripMs / 2, signal);
    if (onLost !== lose) throw new Error('broken');
    return count;
  };
  const parts: ChangesParts = {
    async openLine(onLost, signal) {
      opened.push(time.clock());
      if (scene.isRefused) throw new Error('refused');
      lose = onLost;
      let known = await trip(onLost, signal);
      const over = new AbortController();
      return {
        beat: async (waitMs) => {
          beats += 1;
          const before = known;
          known = await trip(onLost, over.signal, before, waitMs);
          if (lastEnding > before) return 'tokens ended';
          return known > before ? 'written' : 'nothing';
        },
        end: () => {
          ended += 1;
          over.abort();
          if (lose === onLost) lose = null;
        },
      };
    },
    monotonic: () => time.clock() - scene.sleptMs,
    wall: time.clock,
    sleep: time.sleep,
  };
  return {
    time,
    scene,
    /** When lines were opened. */
    opened,
    ended: () => ended,
    /** How often it was asked whether anything was written. */
    beats: () => beats,
    changes: followChanges(parts),
    /** A commit of any host. */
    write() {
      commits += 1;
    },
    endToken() {
      lastEnding = ++commits;
    },
    breakLine() {
      const lost = lose;
      lose = null;
      lost?.();
    },
  };
}

type Scene = ReturnType<typeof createScene>;

/** Whether a stamp stays the same while nobody writes. */
function isSteady({ changes }: Scene): boolean {
  const before = changes.current();
  return changes.current() === before;
}

describe('stamps of an index that several hosts write', () => {
  it('stay the same while nobody writes, and differ after each commit', async () => {
    const of = createScene();
    await of.time.pass(10);
    const first = of.changes.current();
    await of.time.pass(60_000);
    expect(of.changes.current()).toBe(first);
    await of.time.pass(100);
    of.changes.current();
    of.write();
    await of.time.pass(USUAL_LAG_MS);
    const second = of.changes.current();
    expect(second).not.toBe(first);
    await of.time.pass(60_000);
    expect(of.changes.current()).toBe(second);
    await of.changes.close();
  });

  it('are asked of the database a few times a second while nobody writes, and at once after each commit', async () => {
    const of = createScene();
    const askFor = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 5) {
        of.changes.current();
        await of.time.pass(5);
      }
    };
    await askFor(1_000);
    const before = of.beats();
    await askFor(1_000);
    expect(of.beats() - before).toBeLessThanOrEqual(22);
    for (let n = 0; n < 20; n++) {
      const known = of.changes.current();
      of.write();
      await askFor(USUAL_LAG_MS);
      expect(of.changes.current()).not.toBe(known);
    }
    await of.changes.close();
  });

  it('tell tokens that were found good before one has ended, or before a line was there', async () => {
    const of = createScene();
    const early = of.changes.current();
    await of.time.pass(100);
    const first = of.changes.current();
    of.write();
    await of.time.pass(USUAL_LAG_MS);
    expect([early, first].map(of.changes.mayHaveEnded)).toEqual([true, false]);
    of.endToken();
    await of.time.pass(USUAL_LAG_MS);
    const second = of.changes.current();
    expect([first, second].map(of.changes.mayHaveEnded)).toEqual([true, false]);
    of.write();
    await of.time.pass(USUAL_LAG_MS);
    of.scene.isRefused = true;
    of.breakLine();
    await of.time.pass(60_000);
    expect(of.changes.mayHaveEnded(second)).toBe(false);
    of.scene.isRefused = false;
    await of.time.pass(60_000);
    expect([second, of.changes.current()].map(of.changes.mayHaveEnded)).toEqual([true, false]);
    await of.changes.close();
  });

  it('differ at each call before there is a line', async () => {
    const of = createScene({ isRefused: true });
    await of.time.pass(10);
    expect(isSteady(of)).toBe(false);
    of.scene.isRefused = false;
    await of.time.pass(1_100);
    expect(isSteady(of)).toBe(true);
    await of.changes.close();
  });

  // A round trip of half the time that a stamp may lag is as long as one may be.
  it.each([
    { tripMs: 1, isSteadyAlways: true },
    { tripMs: 20, isSteadyAlways: true },
    { tripMs: 100, isSteadyAlways: true },
    { tripMs: 200, isSteadyAlways: false },
    { tripMs: 1_000, isSteadyAlways: false },
  ])('are steady with round trips of $tripMs ms: $isSteadyAlways', async ({ tripMs, isSteadyAlways }) => {
    const of = createScene({ tripMs });
    await of.time.pass(3 * tripMs);
    let wasSteady = true;
    for (let ms = 0; ms < 3_000; ms += 5) {
      wasSteady &&= isSteady(of);
      await of.time.pass(5);
    }
    expect(wasSteady).toBe(isSteadyAlways);
    expect(of.opened).toHaveLength(1);
    await of.changes.close();
  });

  const FAULTS: readonly { readonly title: string; readonly make: (of: Scene) => void }[] = [
    { title: 'is cut off without a word', make: ({ scene }) => Object.assign(scene, { isCutOff: true }) },
    { title: 'breaks', make: (of) => of.breakLine() },
    {
      title: 'breaks, and no other is to be had',
      make: (of) => [Object.assign(of.scene, { isRefused: true }), of.breakLine()],
    },
    { title: 'becomes slow', make: ({ scene }) => Object.assign(scene, { tripMs: 900 }) },
  ];

  it.each(FAULTS)('never hide a commit for longer than promised if the line $title', async ({ make }) => {
    for (let after = 0; after < 120; after += 7) {
      const of = createScene();
      await of.time.pass(500 + after);
      const before = of.changes.current();
      make(of);
      of.write();
      let hiddenMs = 0;
      while (of.changes.current() === before) {
        hiddenMs += 5;
        await of.time.pass(5);
      }
      expect(hiddenMs).toBeLessThanOrEqual(LAG_MS);
      Object.assign(of.scene, { isCutOff: false, isRefused: false, tripMs: 1 });
      await of.time.pass(2 * GIVEN_UP_AFTER_MS);
      expect(isSteady(of)).toBe(true);
      expect(of.changes.current()).not.toBe(before);
      await of.changes.close();
    }
  });

  it('are new after another line was opened: what was written in between nobody tells', async () => {
    const of = createScene();
    await of.time.pass(500);
    const before = of.changes.current();
    of.breakLine();
    of.write();
    await of.time.pass(500);
    expect(isSteady(of)).toBe(true);
    expect(of.changes.current()).not.toBe(before);
    await of.changes.close();
  });

  it('are not steady because of what a former line still says', async () => {
    const of = createScene({ tripMs: 80 });
    await of.time.pass(1_000);
    of.scene.isRefused = true;
    of.breakLine();
    await of.time.pass(81);
    expect(isSteady(of)).toBe(false);
    await of.changes.close();
  });

  it('are of a host that has slept, so that its monotonic clock stood still', async () => {
    const of = createScene();
    await of.time.pass(500);
    of.scene.isCutOff = true;
    of.scene.sleptMs = 80;
    await of.time.pass(80);
    expect(isSteady(of)).toBe(true);
    of.scene.sleptMs += 1_000;
    await of.time.pass(1_000);
    expect(isSteady(of)).toBe(false);
    await of.changes.close();
  });

  it('are followed again after a pause that grows up to a second', async () => {
    const of = createScene();
    await of.time.pass(500);
    of.scene.isRefused = true;
    of.breakLine();
    await of.time.pass(6_000);
    const times = of.opened.slice(1);
    const pauses = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(pauses.slice(0, 7)).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000]);
    of.scene.isRefused = false;
    await of.time.pass(1_500);
    of.breakLine();
    const count = of.opened.length;
    await of.time.pass(60);
    expect(of.opened).toHaveLength(count + 1);
    await of.changes.close();
  });

  it.each([
    { title: 'a good line', make: () => undefined },
    { title: 'a line that is cut off', make: ({ scene }: Scene) => Object.assign(scene, { isCutOff: true }) },
    { title: 'no line', make: (of: Scene) => [Object.assign(of.scene, { isRefused: true }), of.breakLine()] },
  ])('are closed at once with $title', async ({ make }) => {
    const of = createScene();
    await of.time.pass(500);
    make(of);
    await of.time.pass(150);
    const count = of.opened.length;
    await of.changes.close();
    expect(isSteady(of)).toBe(false);
    await of.time.pass(10_000);
    expect(of.opened).toHaveLength(count);
    expect(of.ended()).toBeGreaterThan(0);
  });
});
