import { describe, expect, it } from 'vitest';
import { type ClockParts, openDatabaseClock } from '../../src/postgres/connection/database-clock.js';
import { createVirtualTime } from '../support/virtual-time.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The database's time when a scene begins. */
const NOON = 1_800_000_000_000;

interface Scene {
  outMs: number;
  backMs: number;
  wallOffMs: number;
  databaseOffMs: number;
  /** By how much the monotonic clock of the host is behind. */
  sleptMs: number;
  isAway: boolean;
  asked: number;
}

/** A host and a database whose clocks can be set, `outMs` and `backMs` apart. */
function createScene({ outMs = 1, backMs = 1, wallOffMs = 0 }) {
  const time = createVirtualTime();
  const scene: Scene = { outMs, backMs, wallOffMs, databaseOffMs: NOON, sleptMs: 0, isAway: false, asked: 0 };
  const never = new AbortController().signal;
  const truth = () => time.clock() + scene.databaseOffMs;
  const parts: ClockParts = {
    async ask() {
      scene.asked += 1;
      await time.sleep(scene.outMs, never);
      const told = truth();
      await time.sleep(scene.backMs, never);
      if (scene.isAway) throw new Error('away');
      return told;
    },
    monotonic: () => time.clock() - scene.sleptMs,
    wall: () => truth() + scene.wallOffMs,
    sleep: time.sleep,
  };
  const open = async () => {
    const [clock] = await Promise.all([openDatabaseClock(parts), time.pass(3 * (scene.outMs + scene.backMs))]);
    return clock;
  };
  return { time, scene, truth, open };
}

describe('the clock of the database', () => {
  it.each([
    { title: 'right', wallOffMs: 0, jumpMs: 0 },
    { title: 'an hour slow', wallOffMs: -HOUR_MS, jumpMs: 0 },
    { title: 'an hour fast', wallOffMs: HOUR_MS, jumpMs: 0 },
    { title: 'set back by a day', wallOffMs: 0, jumpMs: -24 * HOUR_MS },
    { title: 'set ahead by a day', wallOffMs: 0, jumpMs: 24 * HOUR_MS },
  ])('is followed by a host whose own is $title', async ({ wallOffMs, jumpMs }) => {
    const { time, scene, truth, open } = createScene({ wallOffMs });
    const clock = await open();
    expect(clock.now()).toBe(truth());
    await time.pass(10_000);
    scene.wallOffMs += jumpMs;
    expect(clock.now()).toBe(truth());
    await time.pass(3 * MINUTE_MS);
    expect(clock.now()).toBe(truth());
    await clock.close();
  });

  it.each([
    { outMs: 0, backMs: 0, atMostMs: 0 },
    { outMs: 10, backMs: 10, atMostMs: 0 },
    { outMs: 0, backMs: 40, atMostMs: 20 },
    { outMs: 40, backMs: 0, atMostMs: 20 },
  ])('is known to half a round trip: $outMs ms there, $backMs ms back', async ({ outMs, backMs, atMostMs }) => {
    const { truth, open } = createScene({ outMs, backMs });
    const clock = await open();
    expect(Math.abs(clock.now() - truth())).toBeLessThanOrEqual(atMostMs);
    await clock.close();
  });

  it('is not taken from an answer that took long if it is known better', async () => {
    const { time, scene, truth, open } = createScene({});
    const clock = await open();
    scene.backMs = 4_000;
    await time.pass(MINUTE_MS + 10_000);
    expect(scene.asked).toBe(4);
    expect(clock.now()).toBe(truth());
    await clock.close();
  });

  it('is followed within a minute if it becomes that of another server, which answers slowly', async () => {
    const { time, scene, truth, open } = createScene({});
    const clock = await open();
    scene.databaseOffMs -= 10 * MINUTE_MS;
    Object.assign(scene, { outMs: 500, backMs: 500, wallOffMs: 10 * MINUTE_MS });
    await time.pass(MINUTE_MS + 2_000);
    expect(clock.now()).toBe(truth());
    await clock.close();
  });

  it('is asked at once by a host that has slept', async () => {
    const { time, scene, truth, open } = createScene({});
    const clock = await open();
    // Its monotonic clock stood still, and so did its timers.
    scene.sleptMs = 30_000;
    await time.pass(30_000);
    clock.now();
    await time.pass(10);
    expect(clock.now()).toBe(truth());
    await clock.close();
  });

  it('goes on while the database is away, which is asked again every second', async () => {
    const { time, scene, truth, open } = createScene({});
    const clock = await open();
    scene.isAway = true;
    await time.pass(MINUTE_MS + 5_000);
    expect(clock.now()).toBe(truth());
    expect(scene.asked).toBeGreaterThanOrEqual(3 + 5);
    scene.isAway = false;
    scene.databaseOffMs += 5_000;
    await time.pass(1_100);
    expect(clock.now()).toBe(truth());
    await clock.close();
  });

  it('can not be opened without the database', async () => {
    const { scene, open } = createScene({});
    scene.isAway = true;
    await expect(open()).rejects.toThrow('away');
  });
});
